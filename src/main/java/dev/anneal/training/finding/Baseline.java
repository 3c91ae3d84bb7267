package dev.anneal.training.finding;

import dev.anneal.evaluation.rows.Gain;
import dev.anneal.evaluation.rows.RowMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a simple model on the rows of the report, and by how much the reported model is better.
 *
 * @param name {@code majority}, {@code mean}, {@code tf_idf}, or {@code frozen_base} for the base model with a trained head
 * @param rows the number of training rows that the baseline was fitted on
 * @param examples the number of rows of the report that it is computed on
 * @param features the number of words and pairs of words that it uses, null for one that uses none
 * @param converged whether the fit reached its end, null without a fit
 */
public record Baseline(
        String name,
        long rows,
        int examples,
        @Nullable Integer features,
        @Nullable Boolean converged,
        Map<String, Double> metrics,
        Map<String, Gain> gains) {
    static Baseline of(
            String name,
            long rows,
            @Nullable Integer features,
            @Nullable Boolean converged,
            RowMetrics model,
            RowMetrics baseline) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        double[] values = baseline.ofAll();
        for (int i = 0; i < values.length; i++) {
            if (!Double.isNaN(values[i])) {
                metrics.put(baseline.names().get(i), values[i]);
            }
        }
        return new Baseline(name, rows, baseline.rows(), features, converged, metrics, Gain.of(model, baseline));
    }
}
