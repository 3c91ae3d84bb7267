package dev.anneal.dataset;

import dev.anneal.json.Json;
import java.util.Map;

/** Turns raw rows into good ones, or says what is wrong with them. */
final class RowChecker {
    static final int MAX_LABEL = 200;
    private static final int MAX_SPLIT = 20;
    private static final Map<String, String> SPLITS = Map.of(
            "train", "train",
            "training", "train",
            "validation", "validation",
            "valid", "validation",
            "val", "validation",
            "dev", "validation",
            "test", "test");

    private final Map<String, String> roles;
    private final int maxText;
    private final RowProblems problems;

    RowChecker(Map<String, String> roles, int maxText, RowProblems problems) {
        this.roles = roles;
        this.maxText = maxText;
        this.problems = problems;
    }

    /** The row, or null where it is bad, which was noted then. */
    Row check(long number, RawRow raw, boolean badBytes) {
        long before = problems.count();
        if (badBytes) {
            problems.add(raw.line(), null, "invalid_utf8", "The row has bytes that are not UTF-8.");
            return null;
        }
        if (raw.code() != null) {
            problems.add(raw.line(), null, raw.code(), raw.message());
            return null;
        }
        var content = Json.MAPPER.createObjectNode();
        content.put("text", value(raw, "text", maxText));
        if (roles.containsKey("text_pair")) {
            content.put("text_pair", value(raw, "text_pair", maxText));
        }
        String label = value(raw, "label", MAX_LABEL);
        String split = roles.containsKey("split") ? value(raw, "split", MAX_SPLIT) : null;
        if (split != null && problems.count() == before && !SPLITS.containsKey(split.toLowerCase())) {
            problems.add(
                    raw.line(),
                    roles.get("split"),
                    "unknown_split",
                    "'" + split + "' is no split; splits are train, validation and test.");
        }
        if (problems.count() > before) {
            return null;
        }
        label = label.strip();
        content.put("label", label);
        return new Row(number, split == null ? null : SPLITS.get(split.toLowerCase()), label, content.toString());
    }

    private String value(RawRow raw, String role, int max) {
        String column = roles.get(role);
        String value = raw.values().get(column);
        if (value == RawRow.NOT_SCALAR) {
            problems.add(raw.line(), column, "invalid_type", "The value is a list or an object.");
        } else if (value == null || value.isBlank()) {
            problems.add(raw.line(), column, "empty_" + role, "The row has no " + role + ".");
        } else if (value.indexOf('\0') >= 0) {
            problems.add(raw.line(), column, "null_byte", "The " + role + " has a null byte.");
        } else if (value.length() > max) {
            problems.add(
                    raw.line(),
                    column,
                    role + "_too_long",
                    "The %s has %,d characters; at most %,d are taken.".formatted(role, value.length(), max));
        } else if (hasLoneSurrogate(value)) {
            problems.add(raw.line(), column, "invalid_unicode", "The " + role + " has half a surrogate pair.");
        }
        return value;
    }

    /** JSON can escape one (\ud800), but no text in UTF-8 can hold it. */
    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
