package dev.anneal.evaluation;

import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.count.Ratio;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Precision, recall and F1 of entities with half the credit for one that has some of the words of an expected one; null if they are
 * not defined.
 */
public record PartialFigures(
        @Nullable Double precision,
        @Nullable Double recall,
        @Nullable Double f1,
        List<LabelMetrics> entities) {
    static LabelMetrics metrics(String type, double credit, int predicted, int support) {
        return new LabelMetrics(
                type,
                Ratio.orNull(credit, predicted),
                Ratio.orNull(credit, support),
                Ratio.orNull(2 * credit, (double) predicted + support),
                support);
    }
}
