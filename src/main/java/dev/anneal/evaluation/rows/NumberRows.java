package dev.anneal.evaluation.rows;

import java.util.List;

/** Rows with a number each: the expected and the predicted one. Metrics: the mean absolute error, and the root of the mean squared error. */
public record NumberRows(double[] expected, double[] predicted) implements RowMetrics {
    @Override
    public List<String> names() {
        return List.of("mae", "rmse");
    }

    @Override
    public boolean isHigherBetter(int metric) {
        return false;
    }

    @Override
    public int rows() {
        return expected.length;
    }

    @Override
    public int width() {
        return 3;
    }

    /** The sums: rows, absolute errors, squared errors. */
    @Override
    public void add(int row, double[] sums, int offset) {
        double error = predicted[row] - expected[row];
        sums[offset]++;
        sums[offset + 1] += Math.abs(error);
        sums[offset + 2] += error * error;
    }

    @Override
    public double[] of(double[] sums, int offset) {
        double count = sums[offset];
        // The difference of two sums may be a little below 0.
        return new double[] {sums[offset + 1] / count, Math.sqrt(Math.max(0, sums[offset + 2]) / count)};
    }
}
