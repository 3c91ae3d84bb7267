package dev.anneal.evaluation;

import dev.anneal.evaluation.calibration.CalibrationFigures.Kind;
import dev.anneal.evaluation.count.Averages;
import dev.anneal.evaluation.count.LabelCounts;
import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.interval.Interval;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a classifier on the rows of one split, also for each label. {@code confusionMatrix} has a row per true label and a
 * column per predicted one, both in the order of {@code labels}; it is null if there are more than 1,000 labels.
 * {@code matthewsCorrelation} is 0 if all examples have or get the same label. A metric is null without examples. {@code ranking},
 * {@code calibration} and {@code intervals} are null in a report that has the metrics only.
 */
public record ClassificationReport(
        String task,
        String split,
        int examples,
        int truncated,
        long tokensLeftOut,
        @Nullable Double loss,
        @Nullable Double accuracy,
        @Nullable Double f1Macro,
        @Nullable Double matthewsCorrelation,
        Averages averages,
        @Nullable Map<String, Interval> intervals,
        List<LabelMetrics> labels,
        int @Nullable [][] confusionMatrix,
        @Nullable RankingFigures ranking,
        @Nullable CalibrationReport calibration,
        List<Mistake> worstMistakes)
        implements Report {
    /** The most labels with a confusion matrix, which has a million counts then. */
    static final int MOST_IN_MATRIX = 1_000;

    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<ClassificationReport> METRICS = new Metrics<ClassificationReport>(
                    "f1_macro", ClassificationReport::loss)
            .higherIsBetter("accuracy", "accuracy", ClassificationReport::accuracy)
            .higherIsBetter("f1_macro", "macro F1", ClassificationReport::f1Macro)
            .higherIsBetter("matthews_correlation", "Matthews", ClassificationReport::matthewsCorrelation);

    /** A wrong prediction and the probability that the model gave it. */
    public record Mistake(String text, String label, String predicted, double score) {}

    /** Returns the metrics of predictions; {@code text} finds the text of an example by its number from 0. */
    public static ClassificationReport of(
            String split, ClassificationPredictions predictions, Truncation truncation, IntFunction<String> text) {
        LabelCounts counts = predictions.counts();
        List<String> labels = predictions.labels();
        boolean isEmpty = predictions.size() == 0;
        Double matthews = counts.matthewsCorrelation();
        return new ClassificationReport(
                "text-classification",
                split,
                predictions.size(),
                truncation.truncated(),
                truncation.tokensLeftOut(),
                predictions.loss(),
                isEmpty ? null : counts.accuracy(),
                isEmpty ? null : counts.f1MacroOfOccurring(),
                isEmpty ? null : matthews == null ? Double.valueOf(0) : matthews,
                counts.averages(true),
                null,
                counts.metrics(labels),
                labels.size() > MOST_IN_MATRIX
                        ? null
                        : predictions.confusionMatrix().counts(),
                null,
                null,
                worstMistakes(predictions).stream()
                        .map(i -> new Mistake(
                                text.apply(i),
                                labels.get(predictions.expected()[i]),
                                labels.get(predictions.found()[i]),
                                predictions.confidence(i)))
                        .toList());
    }

    /** Returns the whole report; {@code tuning} is null without validation rows beside the reported ones. */
    public static ClassificationReport of(
            String split,
            ClassificationPredictions predictions,
            Truncation truncation,
            IntFunction<String> text,
            @Nullable Tuning tuning) {
        ClassificationReport metrics = of(split, predictions, truncation, text);
        return new ClassificationReport(
                metrics.task,
                split,
                metrics.examples,
                metrics.truncated,
                metrics.tokensLeftOut,
                metrics.loss,
                metrics.accuracy,
                metrics.f1Macro,
                metrics.matthewsCorrelation,
                metrics.averages,
                RowFigures.of(predictions).intervals(),
                metrics.labels,
                metrics.confusionMatrix,
                RankingFigures.of(
                        predictions.labels(),
                        predictions.scores(),
                        predictions::has,
                        predictions.labels().size() == 2,
                        tuning),
                CalibrationReport.of(predictions.decisions(), Kind.ONE_LABEL, tuning),
                metrics.worstMistakes);
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }

    @Override
    public Map<String, Double> uncalibratedMetrics() {
        return calibration == null ? metrics() : calibration.uncalibrated(metrics());
    }

    /** Returns the examples (by number from 0) of the wrong predictions that the model was most sure of, the surest first. */
    private static List<Integer> worstMistakes(ClassificationPredictions predictions) {
        return Worst.of(
                predictions.size(),
                i -> predictions.found()[i] == predictions.expected()[i] ? 0 : predictions.confidence(i));
    }
}
