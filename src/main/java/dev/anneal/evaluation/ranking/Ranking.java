package dev.anneal.evaluation.ranking;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The examples in the order of the score that a model gave to one label, the highest first. Examples with the same score are one
 * group: no threshold separates them. The figures are those of scikit-learn, but null if they are not defined.
 */
public final class Ranking {
    /** Returns the score of an example, which is counted from 0. */
    public interface Score {
        float of(int example);
    }

    private final int examples;
    /** The score of each group. */
    private final float[] scores;
    /** For each group the examples with its score or a higher one, and how many of them have the label. */
    private final int[] predicted;

    private final int[] right;

    private Ranking(int examples, float[] scores, int[] predicted, int[] right) {
        this.examples = examples;
        this.scores = scores;
        this.predicted = predicted;
        this.right = right;
    }

    /** Ranks examples; {@code has} tells whether an example has the label. Needs 20 bytes per example while it runs. */
    public static Ranking of(int examples, Score score, IntPredicate has) {
        long[] keys = new long[examples];
        for (int i = 0; i < examples; i++) {
            keys[i] = -((long) ordered(score.of(i)) << 1) - (has.test(i) ? 1 : 0);
        }
        Arrays.sort(keys);
        float[] scores = new float[examples];
        int[] predicted = new int[examples];
        int[] right = new int[examples];
        int groups = 0;
        int found = 0;
        for (int i = 0; i < examples; i++) {
            found += (int) (-keys[i] & 1);
            boolean isLast = i + 1 == examples || -keys[i + 1] >> 1 != -keys[i] >> 1;
            if (isLast) {
                scores[groups] = score((int) (-keys[i] >> 1));
                predicted[groups] = i + 1;
                right[groups] = found;
                groups++;
            }
        }
        return new Ranking(
                examples,
                Arrays.copyOf(scores, groups),
                Arrays.copyOf(predicted, groups),
                Arrays.copyOf(right, groups));
    }

    /** Returns examples in the order of their scores, the lowest first. Needs 12 bytes per example while it runs. */
    public static int[] ascending(int examples, Score score) {
        long[] keys = new long[examples];
        for (int i = 0; i < examples; i++) {
            keys[i] = (long) ordered(score.of(i)) << 32 | i;
        }
        Arrays.sort(keys);
        int[] order = new int[examples];
        for (int i = 0; i < examples; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }

    /** Returns a number that is in the same order as the scores. */
    private static int ordered(float score) {
        int bits = Float.floatToIntBits(score + 0f); // so that -0 is 0
        return bits ^ (bits >> 31 & Integer.MAX_VALUE);
    }

    private static float score(int ordered) {
        return Float.intBitsToFloat(ordered ^ (ordered >> 31 & Integer.MAX_VALUE));
    }

    /** Returns the number of examples that have the label. */
    public int support() {
        return right.length == 0 ? 0 : right[right.length - 1];
    }

    /** Returns the area under the ROC curve; null if all examples have the label or none has it. */
    public @Nullable Double rocAuc() {
        long having = support();
        long lacking = examples - having;
        if (having == 0 || lacking == 0) {
            return null;
        }
        double pairs = 0; // in order, equal ones as a half; twice that number
        for (int group = 0; group < scores.length; group++) {
            long before = group == 0 ? 0 : right[group - 1];
            long with = right[group] - before;
            long without = predicted[group] - (group == 0 ? 0 : predicted[group - 1]) - with;
            pairs += (double) without * (2 * before + with);
        }
        return pairs / 2 / having / lacking;
    }

    /** Returns the average precision, which is the area under the curve of precision over recall; null if no example has the label. */
    public @Nullable Double averagePrecision() {
        if (support() == 0) {
            return null;
        }
        double sum = 0;
        for (int group = 0; group < scores.length; group++) {
            int gained = right[group] - (group == 0 ? 0 : right[group - 1]);
            sum += (double) gained * right[group] / predicted[group];
        }
        return sum / support();
    }

    /** Returns the figures if the label is given from a score on. */
    public ThresholdFigures at(double threshold) {
        int low = 0; // the number of groups with at least this score
        int high = scores.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (scores[middle] >= threshold) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0
                ? ThresholdFigures.of(threshold, 0, 0, support())
                : ThresholdFigures.of(threshold, right[low - 1], predicted[low - 1], support());
    }

    /** Returns the figures at each score that occurs, the highest first. */
    public ThresholdFigures[] all() {
        return IntStream.range(0, scores.length)
                .mapToObj(group -> ThresholdFigures.of(scores[group], right[group], predicted[group], support()))
                .toArray(ThresholdFigures[]::new);
    }

    /**
     * Returns the threshold with the highest F1, the one nearest to one half if there are several; null if no example has the
     * label. It lies halfway between two scores that occur, so that scores near them stay on their sides.
     */
    public @Nullable ThresholdFigures best() {
        if (support() == 0) {
            return null;
        }
        int best = 0;
        for (int group = 1; group < scores.length; group++) {
            int order = Double.compare(f1(group), f1(best));
            if (order > 0 || order == 0 && Math.abs(threshold(group) - 0.5) < Math.abs(threshold(best) - 0.5)) {
                best = group;
            }
        }
        return ThresholdFigures.of(threshold(best), right[best], predicted[best], support());
    }

    private double f1(int group) {
        return 2.0 * right[group] / (predicted[group] + support());
    }

    private double threshold(int group) {
        return group + 1 == scores.length ? scores[group] : ((double) scores[group] + scores[group + 1]) / 2;
    }
}
