package dev.anneal.evaluation;

import dev.anneal.evaluation.calibration.CalibrationFigures.Kind;
import dev.anneal.evaluation.count.Averages;
import dev.anneal.evaluation.count.LabelCounts;
import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.interval.Interval;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a model that gives each text any number of labels. A label counts as given from a probability of one half.
 * {@code ranking}, {@code calibration} and {@code intervals} are null in a report that has the metrics only.
 */
public record MultiLabelReport(
        String task,
        String split,
        int examples,
        int truncated,
        long tokensLeftOut,
        @Nullable Double loss,
        @Nullable Double accuracy,
        @Nullable Double f1Micro,
        @Nullable Double f1Macro,
        Averages averages,
        @Nullable Map<String, Interval> intervals,
        List<LabelMetrics> labels,
        @Nullable RankingFigures ranking,
        @Nullable CalibrationReport calibration,
        List<Mistake> worstMistakes)
        implements Report {
    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<MultiLabelReport> METRICS = new Metrics<MultiLabelReport>(
                    "f1_micro", MultiLabelReport::loss)
            .higherIsBetter("f1_micro", "micro F1", MultiLabelReport::f1Micro)
            .higherIsBetter("f1_macro", "macro F1", MultiLabelReport::f1Macro)
            .higherIsBetter("accuracy", "accuracy", MultiLabelReport::accuracy);

    /** A text with wrong labels. */
    public record Mistake(String text, List<String> labels, List<String> predicted) {}

    /** Returns the metrics of predictions; {@code text} finds the text of an example by its number from 0. */
    public static MultiLabelReport of(
            String split, MultiLabelPredictions predictions, Truncation truncation, IntFunction<String> text) {
        boolean isEmpty = predictions.size() == 0;
        LabelCounts counts = predictions.counts();
        return new MultiLabelReport(
                "multi-label-classification",
                split,
                predictions.size(),
                truncation.truncated(),
                truncation.tokensLeftOut(),
                predictions.loss(),
                predictions.accuracy(),
                isEmpty ? null : counts.f1Micro(),
                isEmpty ? null : counts.f1Macro(),
                counts.averages(false),
                null,
                counts.metrics(predictions.labels()),
                null,
                null,
                worst(predictions, text));
    }

    /** Returns the whole report; {@code tuning} is null without validation rows beside the reported ones. */
    public static MultiLabelReport of(
            String split,
            MultiLabelPredictions predictions,
            Truncation truncation,
            IntFunction<String> text,
            @Nullable Tuning tuning) {
        MultiLabelReport metrics = of(split, predictions, truncation, text);
        return new MultiLabelReport(
                metrics.task,
                split,
                metrics.examples,
                metrics.truncated,
                metrics.tokensLeftOut,
                metrics.loss,
                metrics.accuracy,
                metrics.f1Micro,
                metrics.f1Macro,
                metrics.averages,
                RowFigures.of(predictions).intervals(),
                metrics.labels,
                RankingFigures.of(
                        predictions.labels(), predictions.scores(), predictions.expected()::has, true, tuning),
                CalibrationReport.of(predictions.decisions(), Kind.EACH_LABEL, tuning),
                metrics.worstMistakes);
    }

    private static List<Mistake> worst(MultiLabelPredictions predictions, IntFunction<String> text) {
        return Worst.of(predictions.size(), predictions::wrong).stream()
                .map(i -> new Mistake(
                        text.apply(i),
                        names(predictions, label -> predictions.expected().has(i, label)),
                        names(predictions, label -> predictions.predicted(i, label))))
                .toList();
    }

    private static List<String> names(MultiLabelPredictions predictions, IntPredicate has) {
        return IntStream.range(0, predictions.labels().size())
                .filter(has)
                .mapToObj(predictions.labels()::get)
                .toList();
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }

    @Override
    public Map<String, Double> uncalibratedMetrics() {
        return calibration == null ? metrics() : calibration.uncalibrated(metrics());
    }
}
