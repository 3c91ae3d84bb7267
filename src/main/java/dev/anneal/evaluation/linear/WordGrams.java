package dev.anneal.evaluation.linear;

import java.util.Arrays;
import java.util.Locale;

/**
 * The words of a text and the pairs of words that follow one another, each as a hash of 64 bits. Words are those of scikit-learn's
 * {@code TfidfVectorizer}: two or more letters, digits or underscores in a row, in lower case. Of a long text, the first words count.
 */
final class WordGrams {
    private static final int MOST_WORDS = 10_000;
    private static final int MOST_CHARACTERS = 200_000;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private WordGrams() {}

    /** Returns the hashes in ascending order; one that occurs several times is there as often. */
    static long[] of(String text) {
        String lower =
                (text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) : text).toLowerCase(Locale.ROOT);
        long[] words = new long[64];
        int count = 0;
        for (int i = 0; i < lower.length() && count < MOST_WORDS; ) {
            long hash = FNV_OFFSET;
            int length = 0;
            while (i < lower.length()) {
                int point = lower.codePointAt(i);
                if (!isWord(point)) {
                    break;
                }
                hash = (hash ^ point) * FNV_PRIME;
                length++;
                i += Character.charCount(point);
            }
            if (length >= 2) {
                if (count == words.length) {
                    words = Arrays.copyOf(words, 2 * count);
                }
                words[count++] = mix(hash);
            }
            if (length == 0) {
                i += Character.charCount(lower.codePointAt(i));
            }
        }
        long[] grams = Arrays.copyOf(words, Math.max(0, 2 * count - 1));
        for (int i = 0; i + 1 < count; i++) {
            grams[count + i] = mix(words[i] * FNV_PRIME + words[i + 1]);
        }
        Arrays.sort(grams);
        return grams;
    }

    /** Returns whether Python's {@code \w} matches a character. */
    private static boolean isWord(int point) {
        return point == '_'
                || switch (Character.getType(point)) {
                    case Character.UPPERCASE_LETTER,
                            Character.LOWERCASE_LETTER,
                            Character.TITLECASE_LETTER,
                            Character.MODIFIER_LETTER,
                            Character.OTHER_LETTER,
                            Character.DECIMAL_DIGIT_NUMBER,
                            Character.LETTER_NUMBER,
                            Character.OTHER_NUMBER -> true;
                    default -> false;
                };
    }

    /** Spreads the bits, and keeps 0 free, which marks an empty place of a table. */
    private static long mix(long hash) {
        long mixed = (hash ^ hash >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        mixed ^= mixed >>> 31;
        return mixed == 0 ? 1 : mixed;
    }
}
