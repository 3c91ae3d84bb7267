package dev.anneal.evaluation.rows;

import dev.anneal.evaluation.interval.Bootstrap;
import dev.anneal.evaluation.interval.Interval;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The difference by which a metric of a model is better than that of another one on the same rows, negative if it is worse. The interval is
 * that of a paired bootstrap: both models get the same draws of rows.
 */
public record Gain(double gain, @Nullable Interval interval) {
    /** Returns the gain in each metric, without metrics that are not defined for the rows. */
    public static Map<String, Gain> of(RowMetrics model, RowMetrics other) {
        int metrics = model.names().size();
        Bootstrap bootstrap = Bootstrap.of(model.rows(), rows -> {
            double[] gains = new double[metrics];
            double[] ours = model.of(rows);
            double[] theirs = other.of(rows);
            for (int i = 0; i < metrics; i++) {
                gains[i] = model.isHigherBetter(i) ? ours[i] - theirs[i] : theirs[i] - ours[i];
            }
            return gains;
        });
        Map<String, Gain> gains = new LinkedHashMap<>();
        for (int i = 0; i < metrics; i++) {
            Double gain = bootstrap.figure(i);
            if (gain != null) {
                gains.put(model.names().get(i), new Gain(gain, bootstrap.interval(i)));
            }
        }
        return gains;
    }
}
