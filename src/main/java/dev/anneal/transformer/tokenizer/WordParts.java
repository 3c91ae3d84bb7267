package dev.anneal.transformer.tokenizer;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The smallest parts of a text that may be words: a run of letters and digits, one character of a script that is written without
 * spaces, with its marks, or one other character. White space separates them and belongs to none.
 */
record WordParts(String text, List<Part> parts) {
    /** Scripts without spaces between words. */
    private static final Set<UnicodeScript> UNSPACED = Set.of(
            UnicodeScript.HAN,
            UnicodeScript.HIRAGANA,
            UnicodeScript.KATAKANA,
            UnicodeScript.THAI,
            UnicodeScript.LAO,
            UnicodeScript.KHMER,
            UnicodeScript.MYANMAR);

    /** They stand inside words of Persian and Hindi; the first one also joins emoji to one. */
    private static final char JOINER = '\u200D';

    private static final char NON_JOINER = '\u200C';

    enum Kind {
        RUN,
        UNSPACED,
        SYMBOL
    }

    /** A part; {@code touches} says that no white space is before it, and {@code script} is that of an unspaced character. */
    record Part(int start, int end, Kind kind, boolean touches, UnicodeScript script) {}

    static WordParts of(String text) {
        List<Part> parts = new ArrayList<>();
        boolean touches = false;
        for (int at = 0; at < text.length(); ) {
            int first = text.codePointAt(at);
            int end = at + Character.charCount(first);
            if (isSpace(first)) {
                touches = false;
                at = end;
                continue;
            }
            UnicodeScript script = script(first);
            Kind kind = UNSPACED.contains(script) ? Kind.UNSPACED : isOfRun(first) ? Kind.RUN : Kind.SYMBOL;
            while (end < text.length()
                    && (continues(kind, text.codePointAt(end))
                            || kind == Kind.SYMBOL
                                    && text.charAt(end - 1) == JOINER
                                    && !isSpace(text.codePointAt(end)))) {
                end += Character.charCount(text.codePointAt(end));
            }
            parts.add(new Part(at, end, kind, touches, script));
            touches = true;
            at = end;
        }
        return new WordParts(text, parts);
    }

    private static boolean continues(Kind kind, int next) {
        boolean mark = isMark(next);
        return kind == Kind.RUN ? mark || isOfRun(next) && !UNSPACED.contains(script(next)) : mark;
    }

    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static boolean isOfRun(int c) {
        int type = Character.getType(c);
        return Character.isLetter(c)
                || type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER
                || c == '_';
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || c == JOINER
                || c == NON_JOINER
                || c >= 0x1F3FB && c <= 0x1F3FF; // colors of skin
    }

    private static UnicodeScript script(int c) {
        boolean lengthens = c == 'ー' || c == 'ｰ'; // Unicode counts them to several scripts
        return lengthens ? UnicodeScript.KATAKANA : UnicodeScript.of(c);
    }

    int size() {
        return parts.size();
    }

    Part get(int part) {
        return parts.get(part);
    }

    /** Returns whether there is such a part of that kind, with no white space before it. */
    boolean touches(int part, Kind kind) {
        return part < size() && get(part).touches() && get(part).kind() == kind;
    }

    /** Returns whether parts, {@code to} exclusive, have no white space between them. */
    boolean isOnePiece(int from, int to) {
        for (int part = from + 1; part < to; part++) {
            if (!get(part).touches()) {
                return false;
            }
        }
        return true;
    }

    String text(int from, int to) {
        return text.substring(get(from).start(), get(to - 1).end());
    }

    /** Returns the character of a symbol. */
    int symbol(int part) {
        return text.codePointAt(get(part).start());
    }

    /** Returns whether a digit is directly before and after a part. */
    boolean isBetweenDigits(int part) {
        Part here = get(part);
        return here.start() > 0
                && here.end() < text.length()
                && Character.isDigit(text.codePointBefore(here.start()))
                && Character.isDigit(text.codePointAt(here.end()));
    }
}
