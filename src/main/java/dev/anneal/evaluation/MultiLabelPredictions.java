package dev.anneal.evaluation;

import java.util.List;

/** The {@code expected} labels of each example, and the probability that a model gave each label, both [examples][labels]. */
public record MultiLabelPredictions(List<String> labels, boolean[][] expected, float[][] scores) {
    /** Half of the distance from 1 to the fp32 number below it: what rounds to 1 is not surer than that. */
    private static final double SUREST = 0x1p-25;

    public int size() {
        return expected.length;
    }

    public boolean predicted(int example, int label) {
        return scores[example][label] > 0.5;
    }

    /** Mean binary cross-entropy over all labels of all examples. */
    public double loss() {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            for (int label = 0; label < labels.size(); label++) {
                double score = scores[i][label];
                sum -= expected[i][label]
                        ? Math.log(Math.max(score, Float.MIN_NORMAL))
                        : Math.log(Math.max(1 - score, SUREST));
            }
        }
        return sum / Math.max(1, size() * labels.size());
    }

    /** Share of the examples with exactly the expected labels. */
    public double accuracy() {
        int right = 0;
        for (int i = 0; i < size(); i++) {
            right += wrong(i) == 0 ? 1 : 0;
        }
        return Ratio.of(right, size());
    }

    /** Number of labels that an example has and should not have, or the other way about. */
    int wrong(int example) {
        int wrong = 0;
        for (int label = 0; label < labels.size(); label++) {
            wrong += predicted(example, label) == expected[example][label] ? 0 : 1;
        }
        return wrong;
    }
}
