package dev.anneal.evaluation;

import java.util.List;

/**
 * The predictions of a classifier: {@code expected} holds the number of each example's true label, {@code scores} the
 * probability of every label, [examples][labels].
 */
public record ClassificationPredictions(List<String> labels, int[] expected, float[][] scores) {
    public int size() {
        return expected.length;
    }

    /** The number of the label with the highest score, the first of equal ones. */
    public int predicted(int example) {
        float[] row = scores[example];
        int best = 0;
        for (int label = 1; label < row.length; label++) {
            if (row[label] > row[best]) {
                best = label;
            }
        }
        return best;
    }

    /** Mean cross-entropy in nats; a probability that fp32 rounds to 0 counts as the least positive normal number. */
    public double loss() {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            sum -= Math.log(Math.max(scores[i][expected[i]], Float.MIN_NORMAL));
        }
        return sum / size();
    }

    public ConfusionMatrix confusionMatrix() {
        int[][] counts = new int[labels.size()][labels.size()];
        for (int i = 0; i < size(); i++) {
            counts[expected[i]][predicted(i)]++;
        }
        return new ConfusionMatrix(counts);
    }
}
