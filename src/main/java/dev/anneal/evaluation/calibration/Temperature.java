package dev.anneal.evaluation.calibration;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A number by which the scores before the softmax or the sigmoid are divided. Above 1 it makes a model less sure, and it never
 * changes the order of labels.
 */
public final class Temperature {
    static final double LOWEST = 0.05;
    static final double HIGHEST = 20;

    /** The logarithm of a probability that rounds to 0 is that of the least positive normal number. */
    private static final double LEAST = Float.MIN_NORMAL;

    private static final int STEPS = 100;

    /** Decisions, each for one of some labels, with the probabilities that a model gave. */
    public interface Decisions {
        long count();

        int labels();

        /** Fills in the logarithms of the probabilities, and returns the number of the true label. */
        int read(long decision, double[] logits);
    }

    private Temperature() {}

    /**
     * Returns the temperature with the least cross-entropy; null if it is not between 0.05 and 20, for example because all
     * predictions are right and the cross-entropy falls as long as the temperature does.
     */
    public static @Nullable Double fit(Decisions decisions) {
        double low = 1 / HIGHEST; // of the factor, which is 1 / temperature: the cross-entropy is convex in it
        double high = 1 / LOWEST;
        double[] logits = new double[decisions.labels()];
        double atLow = slope(decisions, low, logits)[0];
        double atHigh = slope(decisions, high, logits)[0];
        if (!(atLow < 0 && atHigh > 0)) {
            return null;
        }
        double factor = 1;
        for (int step = 0; step < STEPS && high - low > 4 * Math.ulp(factor); step++) {
            double[] slope = slope(decisions, factor, logits);
            if (slope[0] == 0) {
                break;
            }
            if (slope[0] < 0) {
                low = factor;
            } else {
                high = factor;
            }
            double newton = factor - slope[0] / slope[1];
            boolean isBetween = newton > low && newton < high; // false if it is not a number
            double next = isBetween ? newton : (low + high) / 2;
            if (isBetween && Math.abs(next - factor) <= 1e-14 * factor) {
                break;
            }
            factor = next;
        }
        return 1 / factor;
    }

    /** Returns the first and the second derivative of the mean cross-entropy by the factor. */
    private static double[] slope(Decisions decisions, double factor, double[] logits) {
        double first = 0;
        double second = 0;
        for (long i = 0; i < decisions.count(); i++) {
            int label = decisions.read(i, logits);
            double highest = highest(logits);
            double sum = 0;
            double mean = 0;
            double square = 0;
            for (double logit : logits) {
                double centred = logit - highest;
                double p = Math.exp(factor * centred);
                sum += p;
                mean += p * centred;
                square += p * centred * centred;
            }
            mean /= sum;
            first += mean - (logits[label] - highest);
            second += square / sum - mean * mean;
        }
        long count = Math.max(1, decisions.count());
        return new double[] {first / count, second / count};
    }

    private static double highest(double[] logits) {
        double highest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            highest = Math.max(highest, logit);
        }
        return highest;
    }

    /** Returns a probability as a score before a softmax. */
    public static double logit(double probability) {
        return Math.log(Math.max(probability, LEAST));
    }

    /** Replaces the logarithms of probabilities by the probabilities at a temperature; 1 changes nothing, not even their sum. */
    public static void apply(double temperature, double[] logits) {
        if (temperature == 1) {
            Arrays.setAll(logits, label -> Math.exp(logits[label]));
            return;
        }
        double highest = highest(logits);
        double sum = 0;
        for (int label = 0; label < logits.length; label++) {
            logits[label] = Math.exp((logits[label] - highest) / temperature);
            sum += logits[label];
        }
        for (int label = 0; label < logits.length; label++) {
            logits[label] /= sum;
        }
    }
}
