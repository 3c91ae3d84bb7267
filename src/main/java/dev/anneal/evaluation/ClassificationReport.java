package dev.anneal.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The metrics of a classifier on the rows of one split, also for each label. {@code confusionMatrix} has a row per true label and a
 * column per predicted one, both in the order of {@code labels}.
 */
public record ClassificationReport(
        String task,
        String split,
        int examples,
        int truncated,
        long tokensLeftOut,
        double loss,
        double accuracy,
        double f1Macro,
        double matthewsCorrelation,
        List<LabelMetrics> labels,
        int[][] confusionMatrix,
        List<Mistake> worstMistakes)
        implements Report {
    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<ClassificationReport> METRICS = new Metrics<ClassificationReport>(
                    "f1_macro", ClassificationReport::loss)
            .higherIsBetter("accuracy", "accuracy", ClassificationReport::accuracy)
            .higherIsBetter("f1_macro", "macro F1", ClassificationReport::f1Macro)
            .higherIsBetter("matthews_correlation", "Matthews", ClassificationReport::matthewsCorrelation);

    private static final int MISTAKES = 20;

    /** A wrong prediction and the probability that the model gave it. */
    public record Mistake(String text, String label, String predicted, double score) {}

    /** Returns the report on predictions; {@code text} finds the text of an example by its number from 0. */
    public static ClassificationReport of(
            String split, ClassificationPredictions predictions, Truncation truncation, IntFunction<String> text) {
        ConfusionMatrix matrix = predictions.confusionMatrix();
        List<String> labels = predictions.labels();
        return new ClassificationReport(
                "text-classification",
                split,
                predictions.size(),
                truncation.truncated(),
                truncation.tokensLeftOut(),
                predictions.loss(),
                matrix.accuracy(),
                matrix.f1Macro(),
                matrix.matthewsCorrelation(),
                IntStream.range(0, labels.size())
                        .mapToObj(label -> new LabelMetrics(
                                labels.get(label),
                                matrix.precision(label),
                                matrix.recall(label),
                                matrix.f1(label),
                                matrix.support(label)))
                        .toList(),
                matrix.counts(),
                worstMistakes(predictions).stream()
                        .map(i -> new Mistake(
                                text.apply(i),
                                labels.get(predictions.expected()[i]),
                                labels.get(predictions.predicted(i)),
                                predictions.scores()[i][predictions.predicted(i)]))
                        .toList());
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }

    /** Returns the examples (by number from 0) of the wrong predictions that the model was most sure of, the surest first. */
    public static List<Integer> worstMistakes(ClassificationPredictions predictions) {
        return IntStream.range(0, predictions.size())
                .filter(i -> predictions.predicted(i) != predictions.expected()[i])
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -predictions.scores()[i][predictions.predicted(i)]))
                .limit(MISTAKES)
                .toList();
    }
}
