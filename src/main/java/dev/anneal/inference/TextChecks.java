package dev.anneal.inference;

import dev.anneal.web.JsonFields;

/** The checks of texts that all calls of a model have in common. */
final class TextChecks {
    private TextChecks() {}

    /** A limit of the server, with the code and the sentence for a request that exceeds it. */
    enum Limit {
        CHARACTERS("anneal.inference.max-characters", "invalid_value", "'%s' has %,d characters"),
        INPUTS(
                "anneal.inference.max-inputs",
                "too_many_inputs",
                "'%s' has %,d entries, which is more than one request may have"),
        NEW_TOKENS("anneal.inference.max-new-tokens", "out_of_range", "'%s' is %,d");

        private final String setting;
        private final String code;
        private final String sentence;

        Limit(String setting, String code, String sentence) {
            this.setting = setting;
            this.code = code;
            this.sentence = sentence;
        }
    }

    /** Refuses a value that exceeds a limit, together with all else that is wrong. Returns whether the value is within it. */
    static boolean requireWithin(JsonFields fields, String field, long value, Limit limit, int max) {
        if (value > max) {
            fields.limit(field, limit.code, limit.sentence.formatted(field, value), limit.setting, max);
        }
        return value <= max;
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
            if (!fields.requireWhole(field, text)) {
                return;
            }
        }
    }
}
