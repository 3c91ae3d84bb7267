package dev.anneal.dataset.duplicate;

import java.text.Normalizer;
import java.util.Locale;

/** Text without differences that readers do not see or do not mean: case, width, Unicode form, and the amount of white space. */
public final class Folding {
    private Folding() {}

    /** Returns the text in NFKC and folded case, with each run of white space as one space, and none at its ends. */
    public static String fold(String text) {
        int length = text.length();
        char[] out = new char[length];
        int size = 0;
        boolean space = false;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 128) {
                return collapse(caseless(text));
            }
            if (c <= ' ') {
                space = size > 0;
            } else {
                if (space) {
                    out[size++] = ' ';
                    space = false;
                }
                out[size++] = c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
            }
        }
        return new String(out, 0, size);
    }

    /** Folds by upper case first, since then ß and SS are the same, and so are ς and σ. */
    private static String caseless(String text) {
        String composed = Normalizer.normalize(text, Normalizer.Form.NFKC);
        return Normalizer.normalize(
                composed.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).replace('ς', 'σ'), Normalizer.Form.NFKC);
    }

    private static String collapse(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean space = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 128 && (Character.isWhitespace(c) || Character.isSpaceChar(c))) {
                space = !out.isEmpty();
            } else {
                if (space) {
                    out.append(' ');
                    space = false;
                }
                out.append(c);
            }
        }
        return out.toString();
    }
}
