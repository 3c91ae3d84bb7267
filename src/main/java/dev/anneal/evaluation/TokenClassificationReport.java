package dev.anneal.evaluation;

import dev.anneal.evaluation.Entities.Entity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * The metrics of a model that tags words: precision, recall and F1 of whole entities, over all types together and for each
 * type. An entity is right only with both borders and the type. {@code accuracy} is that of words.
 */
public record TokenClassificationReport(
        String task,
        String split,
        int examples,
        double loss,
        double precision,
        double recall,
        double f1,
        double accuracy,
        List<LabelMetrics> entities,
        List<Mistake> worstMistakes)
        implements Report {
    /** The metrics; add one here and to the schemas of openapi.yaml. */
    public static final Metrics<TokenClassificationReport> METRICS = new Metrics<TokenClassificationReport>(
                    "f1", TokenClassificationReport::loss)
            .higherIsBetter("f1", "F1", TokenClassificationReport::f1)
            .higherIsBetter("precision", "precision", TokenClassificationReport::precision)
            .higherIsBetter("recall", "recall", TokenClassificationReport::recall)
            .higherIsBetter("accuracy", "accuracy", TokenClassificationReport::accuracy);

    private static final int MISTAKES = 20;

    /** A sentence in which entities were missed or made up. */
    public record Mistake(String text, List<Entity> entities, List<Entity> predicted) {}

    public static TokenClassificationReport of(
            String split, TokenClassificationPredictions predictions, IntFunction<String> text) {
        Map<String, int[]> counts = new TreeMap<>(); // right, predicted, expected
        List<Mistake> mistakes = new ArrayList<>();
        int words = 0;
        int rightWords = 0;
        for (int i = 0; i < predictions.expected().length; i++) {
            List<Entity> expected = Entities.of(predictions.expected(i));
            List<Entity> predicted = Entities.of(predictions.predicted(i));
            for (Entity entity : predicted) {
                int[] count = counts.computeIfAbsent(entity.type(), type -> new int[3]);
                count[0] += expected.contains(entity) ? 1 : 0;
                count[1]++;
            }
            expected.forEach(entity -> counts.computeIfAbsent(entity.type(), type -> new int[3])[2]++);
            for (int word = 0; word < predictions.expected()[i].length; word++) {
                words++;
                rightWords += predictions.expected()[i][word] == predictions.predicted()[i][word] ? 1 : 0;
            }
            if (!expected.equals(predicted) && mistakes.size() < MISTAKES) {
                mistakes.add(new Mistake(text.apply(i), expected, predicted));
            }
        }
        int[] all = new int[3];
        counts.values().forEach(count -> Arrays.setAll(all, k -> all[k] + count[k]));
        LabelMetrics together = LabelMetrics.of("", all[0], all[1], all[2]);
        return new TokenClassificationReport(
                "token-classification",
                split,
                predictions.expected().length,
                predictions.loss(),
                together.precision(),
                together.recall(),
                together.f1(),
                Ratio.of(rightWords, words),
                counts.entrySet().stream()
                        .map(e -> LabelMetrics.of(e.getKey(), e.getValue()[0], e.getValue()[1], e.getValue()[2]))
                        .toList(),
                mistakes);
    }

    @Override
    public Map<String, Double> metrics() {
        return METRICS.of(this);
    }
}
