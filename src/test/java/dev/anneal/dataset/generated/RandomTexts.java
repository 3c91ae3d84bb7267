package dev.anneal.dataset.generated;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;

/** Random texts of all of Unicode, and of what the formats of files treat in their own ways. */
final class RandomTexts {
    private static final List<String> PIECES = List.of(
            "word",
            " ",
            "  ",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "\"",
            "\"\"",
            "'",
            ",",
            ";",
            "|",
            "\\",
            "\\N",
            "\\.",
            "\\n",
            "\\u0041",
            "#",
            "sep=;",
            "=1+1",
            "null",
            "[1]",
            "{\"a\":1}",
            "<b>",
            "&amp;",
            "]]>",
            "_x0041_",
            "_x",
            "%s",
            "\u0085",
            "\u00a0",
            "\u2028",
            "\u2029",
            "\u3000",
            "\ufeff",
            "\ufffe",
            "\uffff",
            "\ufffd",
            "e\u0301",
            "ﬁ",
            "ß",
            "İ",
            "שלום",
            "\u202e",
            "我",
            "🙂",
            "👩‍👩‍👧",
            "🇩🇪",
            "\u000b",
            "\f",
            "\u001a",
            "\u001f",
            "\u007f");

    private final Random random;
    private final CharsetEncoder encoder;

    RandomTexts(Random random, Charset charset) {
        this.random = random;
        this.encoder = charset.newEncoder();
    }

    Random random() {
        return random;
    }

    /** Returns a text that is not blank. */
    String text() {
        return text(c -> true, 12);
    }

    /** Returns a text on one line that is not blank. */
    String line() {
        return text(c -> c != '\n' && c != '\r', 12);
    }

    /** Returns a text without spaces and tabs that is not blank. */
    String token() {
        return text(c -> c != '\n' && c != '\r' && c != '\t' && c != ' ', 3);
    }

    /**
     * Returns a text that is not blank.
     *
     * @param allowed the characters that the format can express
     * @param most the most pieces
     */
    String text(IntPredicate allowed, int most) {
        StringBuilder text = new StringBuilder();
        while (text.toString().isBlank()) {
            for (int pieces = 1 + random.nextInt(most); pieces > 0; pieces--) {
                String piece = random.nextInt(3) == 0
                        ? Character.toString(codePoint())
                        : PIECES.get(random.nextInt(PIECES.size()));
                if (piece.codePoints().allMatch(allowed) && encoder.canEncode(piece)) {
                    text.append(piece);
                }
            }
        }
        return text.toString();
    }

    /** Returns any character but a null character and half of a surrogate pair. */
    private int codePoint() {
        int most = random.nextBoolean() ? 0x100 : random.nextBoolean() ? 0x10000 : Character.MAX_CODE_POINT + 1;
        while (true) {
            int c = 1 + random.nextInt(most - 1);
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                return c;
            }
        }
    }
}
