package dev.anneal.evaluation.rows;

import java.util.List;

/**
 * The metrics of predictions for rows, which can be computed for any of the rows. They follow from sums over the rows, so that those
 * of many parts of the rows need one pass.
 */
public interface RowMetrics {
    /** Returns the names of the metrics, as they are on the wire. */
    List<String> names();

    /** Returns whether a higher value of a metric is better. */
    default boolean isHigherBetter(int metric) {
        return true;
    }

    int rows();

    /** Returns how many sums there are. The first one is the number of rows. */
    int width();

    /** Adds a row to sums that begin at {@code offset}. */
    void add(int row, double[] sums, int offset);

    /** Returns the metrics for sums that begin at {@code offset}, NaN for a metric that is not defined. */
    double[] of(double[] sums, int offset);

    /** Returns the metrics of some rows, which may repeat. */
    default double[] of(int[] rows) {
        double[] sums = new double[width()];
        for (int row : rows) {
            add(row, sums, 0);
        }
        return of(sums, 0);
    }

    /** Returns the metrics of all rows. */
    default double[] ofAll() {
        double[] sums = new double[width()];
        for (int row = 0; row < rows(); row++) {
            add(row, sums, 0);
        }
        return of(sums, 0);
    }
}
