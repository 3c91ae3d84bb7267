package dev.anneal.evaluation.rows;

import java.util.Arrays;
import java.util.List;

/**
 * Rows with any number of labels each: the numbers of the expected and of the predicted ones, sorted. Metrics: micro F1, and the
 * share of the rows with exactly the expected labels.
 */
public record LabelSetRows(int[][] expected, int[][] predicted) implements RowMetrics {
    @Override
    public List<String> names() {
        return List.of("f1_micro", "accuracy");
    }

    @Override
    public int rows() {
        return expected.length;
    }

    @Override
    public int width() {
        return 4;
    }

    /** The sums: rows, right labels, expected and predicted labels, rows with exactly the expected labels. */
    @Override
    public void add(int row, double[] sums, int offset) {
        int[] wanted = expected[row];
        int[] found = predicted[row];
        sums[offset]++;
        sums[offset + 1] += common(wanted, found);
        sums[offset + 2] += wanted.length + found.length;
        sums[offset + 3] += Arrays.equals(wanted, found) ? 1 : 0;
    }

    @Override
    public double[] of(double[] sums, int offset) {
        double count = sums[offset];
        double labels = sums[offset + 2];
        return count == 0
                ? new double[] {Double.NaN, Double.NaN}
                : new double[] {labels == 0 ? 0 : 2 * sums[offset + 1] / labels, sums[offset + 3] / count};
    }

    private static int common(int[] first, int[] second) {
        int common = 0;
        for (int i = 0, j = 0; i < first.length && j < second.length; ) {
            if (first[i] == second[j]) {
                common++;
                i++;
                j++;
            } else if (first[i] < second[j]) {
                i++;
            } else {
                j++;
            }
        }
        return common;
    }
}
