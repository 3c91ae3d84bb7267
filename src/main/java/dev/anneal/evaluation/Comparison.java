package dev.anneal.evaluation;

import dev.anneal.evaluation.interval.Interval;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of two models on the same rows.
 *
 * @param metrics the differences of the metrics, by their names on the wire
 * @param rightRows null for tasks whose rows are neither right nor wrong
 * @param leftOut sentences that say which metrics are missing, and why
 */
public record Comparison(
        Map<String, Difference> metrics, @Nullable RightRows rightRows, List<String> leftOut) {

    /**
     * The difference of a metric, the first model's minus the second's: its 95 % interval and the p-value of no difference, both by
     * drawing rows again. A figure that is not defined is null.
     */
    public record Difference(
            @Nullable Double difference,
            @Nullable Interval interval,
            @Nullable Double pValue) {}

    /** The rows on which only one of the models is right, and the p-value of McNemar's exact test. */
    public record RightRows(int onlyFirst, int onlySecond, double pValue) {}
}
