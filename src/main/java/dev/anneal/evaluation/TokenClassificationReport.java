package dev.anneal.evaluation;

import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.entity.Entities;
import dev.anneal.evaluation.entity.Entities.Entity;
import dev.anneal.evaluation.interval.Interval;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a model that tags words: precision, recall and F1 of whole entities, over all types together and for each
 * type. An entity is right only with both borders and the type; {@code partial} gives half the credit for some of the words.
 * {@code accuracy} is that of words. A metric is null without sentences. {@code intervals} is null in a report that has the metrics only.
 */
public record TokenClassificationReport(
        String task,
        String split,
        int examples,
        double loss,
        @Nullable Double precision,
        @Nullable Double recall,
        @Nullable Double f1,
        @Nullable Double accuracy,
        @Nullable Map<String, Interval> intervals,
        List<LabelMetrics> entities,
        PartialFigures partial,
        List<Mistake> worstMistakes)
        implements Report {
    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<TokenClassificationReport> METRICS = new Metrics<TokenClassificationReport>(
                    "f1", TokenClassificationReport::loss)
            .higherIsBetter("f1", "F1", TokenClassificationReport::f1)
            .higherIsBetter("precision", "precision", TokenClassificationReport::precision)
            .higherIsBetter("recall", "recall", TokenClassificationReport::recall)
            .higherIsBetter("accuracy", "accuracy", TokenClassificationReport::accuracy);

    /** A sentence in which entities were missed or made up. */
    public record Mistake(String text, List<Entity> entities, List<Entity> predicted) {}

    /** Returns the metrics of predictions; {@code text} finds the text of a sentence by its number from 0. */
    public static TokenClassificationReport of(
            String split, TokenClassificationPredictions predictions, IntFunction<String> text) {
        return of(split, predictions, text, false);
    }

    /** Returns the whole report, or the metrics only. */
    public static TokenClassificationReport of(
            String split, TokenClassificationPredictions predictions, IntFunction<String> text, boolean whole) {
        EntityCounts counts = EntityCounts.of(predictions);
        boolean isEmpty = predictions.size() == 0;
        EntityCounts.Total total = counts.total();
        return new TokenClassificationReport(
                "token-classification",
                split,
                predictions.size(),
                predictions.loss(),
                isEmpty ? null : total.precision(),
                isEmpty ? null : total.recall(),
                isEmpty ? null : total.f1(),
                isEmpty ? null : total.accuracy(),
                whole ? counts.figures().intervals() : null,
                counts.metrics(),
                counts.partial(),
                Worst.of(predictions.size(), counts::wrong).stream()
                        .map(i -> new Mistake(
                                text.apply(i),
                                Entities.of(predictions.expected(i)),
                                Entities.of(predictions.predicted(i))))
                        .toList());
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }
}
