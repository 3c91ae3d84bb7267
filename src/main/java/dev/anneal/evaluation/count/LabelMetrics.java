package dev.anneal.evaluation.count;

import org.jspecify.annotations.Nullable;

/**
 * The metrics of one label, as scikit-learn defines them, null where they would divide by 0; {@code support} is the number of its
 * examples.
 */
public record LabelMetrics(
        String label,
        @Nullable Double precision,
        @Nullable Double recall,
        @Nullable Double f1,
        int support) {
    public static LabelMetrics of(String label, int right, int predicted, int support) {
        return new LabelMetrics(
                label,
                Ratio.orNull(right, predicted),
                Ratio.orNull(right, support),
                Ratio.orNull(2.0 * right, (double) predicted + support),
                support);
    }
}
