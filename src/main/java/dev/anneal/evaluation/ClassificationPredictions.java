package dev.anneal.evaluation;

import dev.anneal.evaluation.calibration.Temperature;
import dev.anneal.evaluation.count.ConfusionMatrix;
import dev.anneal.evaluation.count.LabelCounts;
import dev.anneal.evaluation.count.Ratio;
import dev.anneal.evaluation.score.Scores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The predictions of a classifier: {@code expected} holds the number of each example's true label, {@code found} that of the
 * predicted one, {@code scores} the probability of every label.
 */
public record ClassificationPredictions(List<String> labels, int[] expected, int[] found, Scores scores) {
    /** Predicts the label with the highest score, the first of equal ones. */
    public static ClassificationPredictions of(List<String> labels, int[] expected, Scores scores) {
        int[] found = new int[expected.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = scores.best(i);
        }
        return new ClassificationPredictions(labels, expected, found, scores);
    }

    public int size() {
        return expected.length;
    }

    /** Returns the probability of the predicted label. */
    public float confidence(int example) {
        return scores.at(example, found[example]);
    }

    /**
     * Returns the mean cross-entropy in nats, null without examples; a probability that fp32 rounds to 0 counts as the least positive
     * normal number.
     */
    public @Nullable Double loss() {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            sum -= Math.log(Math.max(scores.at(i, expected[i]), Float.MIN_NORMAL));
        }
        return Ratio.orNull(sum, size());
    }

    /** Returns the counts of each label, without a confusion matrix, which many labels make large. */
    LabelCounts counts() {
        LabelCounts counts = new LabelCounts(labels.size());
        for (int i = 0; i < size(); i++) {
            counts.add(expected[i], found[i]);
        }
        return counts;
    }

    public ConfusionMatrix confusionMatrix() {
        int[][] counts = new int[labels.size()][labels.size()];
        for (int i = 0; i < size(); i++) {
            counts[expected[i]][found[i]]++;
        }
        return new ConfusionMatrix(counts);
    }

    /** Returns the examples as decisions for one of the labels. */
    public Temperature.Decisions decisions() {
        return new Temperature.Decisions() {
            @Override
            public long count() {
                return size();
            }

            @Override
            public int labels() {
                return labels.size();
            }

            @Override
            public int read(long decision, double[] logits) {
                int example = (int) decision;
                for (int label = 0; label < logits.length; label++) {
                    logits[label] = Temperature.logit(scores.at(example, label));
                }
                return expected[example];
            }
        };
    }

    /** Returns what these predictions, which are those of validation rows, say for other rows. */
    public Tuning tuning() {
        return new Tuning(Temperature.fit(decisions()), false, Thresholds.of(labels.size(), scores, this::has));
    }

    boolean has(int example, int label) {
        return expected[example] == label;
    }
}
