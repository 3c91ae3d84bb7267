package dev.anneal.text;

/** Cuts long texts between characters: half of a surrogate pair is no character, and UTF-8 cannot contain it. */
public final class Cut {
    private Cut() {}

    /** Returns whether a text has more characters than that. */
    public static boolean isNeeded(String text, int most) {
        return text.length() > most && text.codePointCount(0, text.length()) > most;
    }

    /** Returns at most that many characters of a text, from its beginning. */
    public static String to(String text, int most) {
        return isNeeded(text, most) ? text.substring(0, text.offsetByCodePoints(0, most)) : text;
    }

    /** Does the same, with … after them if something is left out. */
    public static String marked(String text, int most) {
        return isNeeded(text, most) ? to(text, most) + "…" : text;
    }

    /** Returns whether a text contains half of a surrogate pair. */
    public static boolean hasHalfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** Returns the beginning of a text with at most that {@link String#length() length}. */
    public static String toLength(String text, int most) {
        boolean splits = most > 0 && text.length() > most && Character.isHighSurrogate(text.charAt(most - 1));
        return text.substring(0, Math.min(text.length(), splits ? most - 1 : most));
    }

    /** Returns the end of a text with at most that length. */
    public static String endOfLength(String text, int most) {
        int from = Math.max(0, text.length() - most);
        boolean splits = from > 0 && from < text.length() && Character.isLowSurrogate(text.charAt(from));
        return text.substring(splits ? from + 1 : from);
    }
}
