package dev.anneal.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The metrics of a model that gives each text a number. The loss is the mean squared error. */
public record RegressionReport(
        String task,
        String split,
        int examples,
        int truncated,
        long tokensLeftOut,
        double loss,
        double rmse,
        double mae,
        double r2,
        double pearson,
        double spearman,
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

    private static final int MISTAKES = 20;

    /** A text whose number was missed by far. */
    public record Mistake(String text, double score, double predicted) {}

    public static RegressionReport of(
            String split, RegressionPredictions predictions, Truncation truncation, IntFunction<String> text) {
        double loss = predictions.meanSquaredError();
        List<Mistake> worst = IntStream.range(0, predictions.size())
                .filter(i -> predictions.error(i) != 0)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -Math.abs(predictions.error(i))))
                .limit(MISTAKES)
                .map(i -> new Mistake(
                        text.apply(i), predictions.expected()[i], predictions.predicted()[i]))
                .toList();
        return new RegressionReport(
                "text-regression",
                split,
                predictions.size(),
                truncation.truncated(),
                truncation.tokensLeftOut(),
                loss,
                Math.sqrt(loss),
                predictions.meanAbsoluteError(),
                predictions.r2(),
                predictions.pearson(),
                predictions.spearman(),
                worst);
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }
}
