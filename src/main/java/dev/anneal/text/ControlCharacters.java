package dev.anneal.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Escapes characters that begin a new line, control a terminal, or reverse the reading direction. Tabs stay. */
public final class ControlCharacters {
    private static final Pattern CONTROL =
            Pattern.compile("[\\p{Cc}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069&&[^\\t]]");

    private ControlCharacters() {}

    /** Returns whether the text has none of these characters. */
    public static boolean isFree(String text) {
        return !CONTROL.matcher(text).find();
    }

    /** Returns the text in one line, with escapes such as {@code \n} or {@code \}{@code u001b}. */
    public static String escape(String text) {
        return CONTROL.matcher(text)
                .replaceAll(
                        found -> Matcher.quoteReplacement(escape(found.group().charAt(0))));
    }

    private static String escape(char character) {
        return switch (character) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            default -> "\\u%04x".formatted((int) character);
        };
    }
}
