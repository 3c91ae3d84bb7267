package dev.anneal.evaluation;

import dev.anneal.evaluation.interval.Interval;
import dev.anneal.evaluation.regression.RegressionFigures;
import dev.anneal.evaluation.regression.RegressionPredictions;
import dev.anneal.evaluation.regression.Residuals;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a model that gives each text a number. The loss is the mean squared error. A correlation is 0 if all numbers of
 * one side are the same; so is {@code r2} if all expected numbers are, or 1 if each was hit. {@code intervals} and
 * {@code residuals} are null in a report that has the metrics only.
 */
public record RegressionReport(
        String task,
        String split,
        int examples,
        int truncated,
        long tokensLeftOut,
        @Nullable Double loss,
        @Nullable Double rmse,
        @Nullable Double mae,
        @Nullable Double r2,
        @Nullable Double pearson,
        @Nullable Double spearman,
        @Nullable Map<String, Interval> intervals,
        @Nullable Residuals residuals,
        List<Mistake> worstMistakes)
        implements Report {
    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<RegressionReport> METRICS = new Metrics<RegressionReport>(
                    "loss", RegressionReport::loss)
            .lowerIsBetter("rmse", "RMSE", RegressionReport::rmse)
            .lowerIsBetter("mae", "MAE", RegressionReport::mae)
            .higherIsBetter("r2", "R²", RegressionReport::r2)
            .higherIsBetter("pearson", "Pearson", RegressionReport::pearson)
            .higherIsBetter("spearman", "Spearman", RegressionReport::spearman);

    /** A text whose number was missed by far. */
    public record Mistake(String text, double score, double predicted) {}

    /** Returns the metrics of predictions; {@code text} finds the text of an example by its number from 0. */
    public static RegressionReport of(
            String split, RegressionPredictions predictions, Truncation truncation, IntFunction<String> text) {
        return of(split, predictions, truncation, text, false);
    }

    /** Returns the whole report, or the metrics only. */
    public static RegressionReport of(
            String split,
            RegressionPredictions predictions,
            Truncation truncation,
            IntFunction<String> text,
            boolean whole) {
        boolean isEmpty = predictions.size() == 0;
        RegressionFigures figures = predictions.figures();
        double loss = figures.meanSquaredError();
        Double r2 = figures.r2();
        List<Mistake> worst = Worst.of(predictions.size(), i -> Math.abs(predictions.error(i))).stream()
                .map(i -> new Mistake(
                        text.apply(i), predictions.expected()[i], predictions.predicted()[i]))
                .toList();
        return new RegressionReport(
                "text-regression",
                split,
                predictions.size(),
                truncation.truncated(),
                truncation.tokensLeftOut(),
                isEmpty ? null : loss,
                isEmpty ? null : Math.sqrt(loss),
                isEmpty ? null : figures.meanAbsoluteError(),
                isEmpty ? null : r2 != null ? r2 : Double.valueOf(loss == 0 ? 1 : 0),
                isEmpty ? null : orZero(figures.pearson()),
                isEmpty ? null : orZero(figures.spearman()),
                whole ? RowFigures.of(predictions).intervals() : null,
                whole ? Residuals.of(figures) : null,
                worst);
    }

    private static Double orZero(@Nullable Double correlation) {
        return correlation == null ? Double.valueOf(0) : correlation;
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }
}
