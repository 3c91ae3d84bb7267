package dev.anneal.inference;

import dev.anneal.text.Cut;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;

/** The checks of texts that all calls of a model have in common. */
final class TextChecks {
    private TextChecks() {}

    /** Throws a problem if a text is longer than the limit. */
    static void length(String field, long length, int max) {
        if (length > max) {
            throw Problem.limit(
                    field,
                    "invalid_value",
                    "'%s' has %,d characters".formatted(field, length),
                    "anneal.inference.max-characters",
                    max);
        }
    }

    static void notEmpty(JsonFields fields, String field, String text, int max) {
        if (text.isEmpty()) {
            fields.wrong(field, "invalid_value", "must have 1 to %,d characters".formatted(max));
        }
    }

    static void notBlank(JsonFields fields, String field, String text, int max) {
        notEmpty(fields, field, text, max);
        if (!text.isEmpty() && text.isBlank()) {
            fields.wrong(field, "invalid_value", "must have a character other than white space");
        }
    }

    /** Refuses halves of surrogate pairs, as in files of datasets. */
    static void whole(JsonFields fields, String field, String... texts) {
        for (String text : texts) {
            if (Cut.hasHalfPair(text)) {
                fields.wrong(
                        field,
                        "invalid_unicode",
                        "must not contain half a surrogate pair, which is not a character. Send whole characters");
                return;
            }
        }
    }
}
