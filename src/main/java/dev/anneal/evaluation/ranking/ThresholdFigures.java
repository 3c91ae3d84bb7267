package dev.anneal.evaluation.ranking;

import dev.anneal.evaluation.count.Ratio;
import org.jspecify.annotations.Nullable;

/** Precision, recall and F1 of a label that is given to all examples with at least this score; null if they are not defined. */
public record ThresholdFigures(
        double threshold,
        @Nullable Double precision,
        @Nullable Double recall,
        @Nullable Double f1) {
    static ThresholdFigures of(double threshold, int right, int predicted, int support) {
        return new ThresholdFigures(
                threshold,
                Ratio.orNull(right, predicted),
                Ratio.orNull(right, support),
                Ratio.orNull(2.0 * right, (double) predicted + support));
    }
}
