package dev.anneal.text;

/** Makes text of strangers harmless in messages and logs. */
public final class Visible {
    private Visible() {}

    /** Returns at most that many characters of a text, with control characters and halves of surrogate pairs escaped. */
    public static String of(String text, int most) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(most).forEach(c -> {
            if (c == '\n') {
                shown.append("\\n");
            } else if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                shown.append("\\u%04x".formatted(c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return text.codePointCount(0, text.length()) > most ? shown.append('…').toString() : shown.toString();
    }

    /** Returns the first 80 characters of a text. */
    public static String quote(String text) {
        return of(text, 80);
    }
}
