package dev.anneal.evaluation.text;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * chrF of many answers together, as sacrebleu computes it by default: the F-score, with recall counting double, of the sequences of
 * 1 to 6 characters without white space. It is from 0 to 100.
 */
public final class Chrf {
    private static final int ORDERS = 6;
    private static final double WEIGHT = 4; // the square of beta, which is 2

    private final long[] found = new long[ORDERS];
    private final long[] wanted = new long[ORDERS];
    private final long[] common = new long[ORDERS];

    public void add(String reference, String answer) {
        int[] wantedCharacters = characters(reference);
        int[] foundCharacters = characters(answer);
        for (int order = 1; order <= ORDERS; order++) {
            Map<String, Integer> ofReference = sequences(wantedCharacters, order);
            if (ofReference.isEmpty()) {
                continue; // as in sacrebleu, nothing can be found then
            }
            Map<String, Integer> ofAnswer = sequences(foundCharacters, order);
            found[order - 1] += Math.max(0, foundCharacters.length - order + 1);
            wanted[order - 1] += wantedCharacters.length - order + 1;
            for (Map.Entry<String, Integer> each : ofAnswer.entrySet()) {
                common[order - 1] += Math.min(each.getValue(), ofReference.getOrDefault(each.getKey(), 0));
            }
        }
    }

    /** Returns the score; null if no reference has a character. */
    public @Nullable Double score() {
        if (wanted[0] == 0) {
            return null;
        }
        double precision = 0;
        double recall = 0;
        int orders = 0;
        for (int i = 0; i < ORDERS; i++) {
            if (found[i] > 0 && wanted[i] > 0) {
                precision += (double) common[i] / found[i];
                recall += (double) common[i] / wanted[i];
                orders++;
            }
        }
        if (precision + recall == 0) {
            return 0.0;
        }
        precision /= orders;
        recall /= orders;
        return 100 * (1 + WEIGHT) * precision * recall / (WEIGHT * precision + recall);
    }

    private static int[] characters(String text) {
        return text.codePoints().filter(c -> !isSpace(c)).toArray();
    }

    /** White space as Python knows it. */
    private static boolean isSpace(int character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character) || character == 0x85;
    }

    private static Map<String, Integer> sequences(int[] characters, int length) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i + length <= characters.length; i++) {
            counts.merge(new String(characters, i, length), 1, Integer::sum);
        }
        return counts;
    }
}
