package dev.anneal.evaluation.rows;

import dev.anneal.evaluation.count.LabelDraw;
import java.util.List;

/** Rows with one label each, by number: the expected and the predicted one. Metrics: accuracy and macro F1 of the labels that occur. */
public record LabelRows(int labels, int[] expected, int[] predicted) implements RowMetrics {
    @Override
    public List<String> names() {
        return List.of("accuracy", "f1_macro");
    }

    @Override
    public int rows() {
        return expected.length;
    }

    @Override
    public int width() {
        return 2 + 2 * labels;
    }

    /** The sums: rows, right ones, for each label the right ones, for each label its examples and its predictions. */
    @Override
    public void add(int row, double[] sums, int offset) {
        int wanted = expected[row];
        int found = predicted[row];
        sums[offset]++;
        sums[offset + 2 + labels + wanted]++;
        sums[offset + 2 + labels + found]++;
        if (wanted == found) {
            sums[offset + 1]++;
            sums[offset + 2 + wanted]++;
        }
    }

    /** Returns the metrics of a draw; macro F1 is not defined for those of {@link LabelDraw}. */
    @Override
    public double[] of(int[] rows) {
        double[] metrics = RowMetrics.super.of(rows);
        if (LabelDraw.isOfOneLabel(expected, rows)) {
            metrics[1] = Double.NaN;
        }
        return metrics;
    }

    @Override
    public double[] of(double[] sums, int offset) {
        double f1 = 0;
        int occurring = 0;
        for (int label = offset + 2; label < offset + 2 + labels; label++) {
            if (sums[label + labels] > 0) {
                f1 += 2 * sums[label] / sums[label + labels];
                occurring++;
            }
        }
        return new double[] {sums[offset + 1] / sums[offset], f1 / occurring};
    }
}
