package dev.anneal.text;

import org.jspecify.annotations.Nullable;

/** Fields of CSV files, as RFC 4180 has them. */
public final class Csv {
    private Csv() {}

    /** Returns a text as a field, an empty one for null. */
    public static String field(@Nullable String text) {
        if (text == null) {
            return "";
        }
        boolean plain = text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
