package dev.anneal.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** The metrics of a model that gives each text any number of labels. A label counts as given from a probability of one half. */
public record MultiLabelReport(
        String task,
        String split,
        int examples,
        int truncated,
        long tokensLeftOut,
        double loss,
        double accuracy,
        double f1Micro,
        double f1Macro,
        List<LabelMetrics> labels,
        List<Mistake> worstMistakes)
        implements Report {
    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<MultiLabelReport> METRICS = new Metrics<MultiLabelReport>(
                    "f1_micro", MultiLabelReport::loss)
            .higherIsBetter("f1_micro", "micro F1", MultiLabelReport::f1Micro)
            .higherIsBetter("f1_macro", "macro F1", MultiLabelReport::f1Macro)
            .higherIsBetter("accuracy", "accuracy", MultiLabelReport::accuracy);

    private static final int MISTAKES = 20;

    /** A text with wrong labels. */
    public record Mistake(String text, List<String> labels, List<String> predicted) {}

    public static MultiLabelReport of(
            String split, MultiLabelPredictions predictions, Truncation truncation, IntFunction<String> text) {
        int count = predictions.labels().size();
        int[] right = new int[count];
        int[] predicted = new int[count];
        int[] support = new int[count];
        for (int i = 0; i < predictions.size(); i++) {
            for (int label = 0; label < count; label++) {
                boolean wanted = predictions.expected()[i][label];
                boolean found = predictions.predicted(i, label);
                right[label] += wanted && found ? 1 : 0;
                predicted[label] += found ? 1 : 0;
                support[label] += wanted ? 1 : 0;
            }
        }
        List<LabelMetrics> labels = IntStream.range(0, count)
                .mapToObj(l -> LabelMetrics.of(predictions.labels().get(l), right[l], predicted[l], support[l]))
                .toList();
        return new MultiLabelReport(
                "multi-label-classification",
                split,
                predictions.size(),
                truncation.truncated(),
                truncation.tokensLeftOut(),
                predictions.loss(),
                predictions.accuracy(),
                F1Score.micro(right, predicted, support),
                F1Score.macro(right, predicted, support),
                labels,
                worst(predictions, text));
    }

    private static List<Mistake> worst(MultiLabelPredictions predictions, IntFunction<String> text) {
        return IntStream.range(0, predictions.size())
                .filter(i -> predictions.wrong(i) > 0)
                .boxed()
                .sorted(Comparator.comparingInt(i -> -predictions.wrong(i)))
                .limit(MISTAKES)
                .map(i -> new Mistake(
                        text.apply(i),
                        names(predictions, label -> predictions.expected()[i][label]),
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
}
