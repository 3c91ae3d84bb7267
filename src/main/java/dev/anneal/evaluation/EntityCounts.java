package dev.anneal.evaluation;

import dev.anneal.evaluation.count.F1Score;
import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.count.Ratio;
import dev.anneal.evaluation.entity.Entities;
import dev.anneal.evaluation.entity.Entities.Entity;
import dev.anneal.evaluation.entity.PartialMatch;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The counts of entities and words in sentences: of each type, and of each sentence, which takes 20 bytes. */
final class EntityCounts {
    private final Map<String, OfType> types = new TreeMap<>();
    /** The numbers of each sentence, five in a row: right, predicted and expected entities, right words and words. */
    private final int[] sentences;

    private static final class OfType {
        private int right;
        private int predicted;
        private int support;
        private double credit;
    }

    /** The counts of several sentences. */
    record Total(int right, int predicted, int support, int rightWords, int words) {
        double precision() {
            return Ratio.of(right, predicted);
        }

        double recall() {
            return Ratio.of(right, support);
        }

        double f1() {
            return F1Score.of(right, predicted, support);
        }

        double accuracy() {
            return Ratio.of(rightWords, words);
        }
    }

    private EntityCounts(int sentences) {
        this.sentences = new int[5 * sentences];
    }

    static EntityCounts of(TokenClassificationPredictions predictions) {
        EntityCounts counts = new EntityCounts(predictions.size());
        for (int i = 0; i < predictions.size(); i++) {
            counts.count(i, Entities.of(predictions.expected(i)), Entities.of(predictions.predicted(i)));
            for (int word = 0; word < predictions.expected()[i].length; word++) {
                boolean isRight = predictions.expected()[i][word] == predictions.predicted()[i][word];
                counts.sentences[5 * i + 3] += isRight ? 1 : 0;
                counts.sentences[5 * i + 4]++;
            }
        }
        return counts;
    }

    private void count(int sentence, List<Entity> expected, List<Entity> predicted) {
        Set<Entity> wanted = new HashSet<>(expected);
        Set<String> found = new HashSet<>();
        for (Entity entity : predicted) {
            boolean isRight = wanted.contains(entity);
            OfType type = type(entity.type());
            type.right += isRight ? 1 : 0;
            type.predicted++;
            found.add(entity.type());
            sentences[5 * sentence] += isRight ? 1 : 0;
        }
        for (Entity entity : expected) {
            type(entity.type()).support++;
        }
        found.forEach(type -> type(type).credit += PartialMatch.credit(type, expected, predicted));
        sentences[5 * sentence + 1] = predicted.size();
        sentences[5 * sentence + 2] = expected.size();
    }

    private OfType type(String type) {
        return types.computeIfAbsent(type, t -> new OfType());
    }

    /** Returns the number of entities of a sentence that were missed or made up. */
    int wrong(int sentence) {
        return sentences[5 * sentence + 1] + sentences[5 * sentence + 2] - 2 * sentences[5 * sentence];
    }

    Total total() {
        int[] all = new int[5];
        for (int i = 0; i < sentences.length; i++) {
            all[i % 5] += sentences[i];
        }
        return new Total(all[0], all[1], all[2], all[3], all[4]);
    }

    /** Returns the metrics of each type, by name. */
    List<LabelMetrics> metrics() {
        return types.entrySet().stream()
                .map(e -> LabelMetrics.of(e.getKey(), e.getValue().right, e.getValue().predicted, e.getValue().support))
                .toList();
    }

    PartialFigures partial() {
        Total total = total();
        double credit = types.values().stream().mapToDouble(type -> type.credit).sum();
        LabelMetrics together = PartialFigures.metrics("", credit, total.predicted(), total.support());
        return new PartialFigures(
                together.precision(),
                together.recall(),
                together.f1(),
                types.entrySet().stream()
                        .map(e -> PartialFigures.metrics(
                                e.getKey(), e.getValue().credit, e.getValue().predicted, e.getValue().support))
                        .toList());
    }

    /** Returns the metrics for sentences that are drawn again, since the entities of one are not independent. */
    RowFigures figures() {
        return new RowFigures(
                sentences.length / 5,
                List.of("f1", "precision", "recall", "accuracy"),
                rows -> {
                    int[] all = new int[5];
                    for (int row : rows) {
                        for (int k = 0; k < 5; k++) {
                            all[k] += sentences[5 * row + k];
                        }
                    }
                    Total total = new Total(all[0], all[1], all[2], all[3], all[4]);
                    // Sentences without entities say nothing about them.
                    return new double[] {
                        orNaN(2 * all[0], all[1] + all[2]),
                        orNaN(all[0], all[1]),
                        orNaN(all[0], all[2]),
                        total.accuracy()
                    };
                },
                sentence -> sentences[5 * sentence + 3] == sentences[5 * sentence + 4]);
    }

    private static double orNaN(int part, int whole) {
        return whole == 0 ? Double.NaN : (double) part / whole;
    }
}
