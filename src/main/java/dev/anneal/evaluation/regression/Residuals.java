package dev.anneal.evaluation.regression;

import dev.anneal.evaluation.interval.Bootstrap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A summary of the errors of a regression model, predicted minus expected: their mean, which is the bias, their standard deviation
 * (null for one row), and quantiles, as numpy computes both with its defaults for a sample.
 */
public record Residuals(
        double mean,
        @Nullable Double standardDeviation,
        double min,
        double p5,
        double p25,
        double median,
        double p75,
        double p95,
        double max) {

    /** Returns the summary; null without rows. */
    public static @Nullable Residuals of(RegressionFigures figures) {
        double[] errors = new double[figures.size()];
        Arrays.setAll(errors, figures::error);
        if (errors.length == 0) {
            return null;
        }
        Arrays.sort(errors);
        double mean = Arrays.stream(errors).average().orElse(0);
        double squares = 0;
        for (double error : errors) {
            squares += (error - mean) * (error - mean);
        }
        return new Residuals(
                mean,
                errors.length == 1 ? null : Math.sqrt(squares / (errors.length - 1)),
                errors[0],
                Bootstrap.quantile(errors, 0.05),
                Bootstrap.quantile(errors, 0.25),
                Bootstrap.quantile(errors, 0.5),
                Bootstrap.quantile(errors, 0.75),
                Bootstrap.quantile(errors, 0.95),
                errors[errors.length - 1]);
    }
}
