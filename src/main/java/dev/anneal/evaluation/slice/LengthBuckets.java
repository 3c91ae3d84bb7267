package dev.anneal.evaluation.slice;

import java.util.ArrayList;
import java.util.List;

/** Ranges of lengths in words: up to 9, 10 to 19, 20 to 39 and so on, each twice as long as the one before. */
public final class LengthBuckets {
    private static final int FIRST = 10;
    private static final int LAST = 5120;

    private LengthBuckets() {}

    /** Collects the lengths of texts. */
    public static SliceValues values() {
        List<String> names = new ArrayList<>();
        names.add("0-" + (FIRST - 1));
        for (int from = FIRST; from < LAST; from *= 2) {
            names.add(from + "-" + (2 * from - 1));
        }
        names.add(LAST + "+");
        return SliceValues.sorted("words", names);
    }

    /** Returns the range of a text. */
    public static String of(String text) {
        int words = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length() && words < LAST; i++) {
            boolean isSpace = Character.isWhitespace(text.charAt(i));
            words += !isSpace && !inWord ? 1 : 0;
            inWord = !isSpace;
        }
        if (words < FIRST) {
            return "0-" + (FIRST - 1);
        }
        int from = FIRST;
        while (from < LAST && 2 * from <= words) {
            from *= 2;
        }
        return from >= LAST ? LAST + "+" : from + "-" + (2 * from - 1);
    }
}
