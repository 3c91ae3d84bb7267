package dev.anneal.text;

import org.jspecify.annotations.Nullable;

/** Fields of CSV files, as RFC 4180 has them. */
public final class Csv {
    /** The first characters of what spreadsheets take for a formula. */
    private static final String FORMULA = "=+-@\t\r";

    private Csv() {}

    /** Returns a user's text as a field that a spreadsheet does not take for a formula: after an apostrophe if it looks like one. */
    public static String text(@Nullable String text) {
        boolean isFormula = text != null && !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0;
        return field(isFormula ? "'" + text : text);
    }

    /** Returns a text as a field, an empty one for null. */
    public static String field(@Nullable String text) {
        if (text == null) {
            return "";
        }
        boolean plain = text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
