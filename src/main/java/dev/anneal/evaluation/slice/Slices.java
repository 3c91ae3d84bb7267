package dev.anneal.evaluation.slice;

import dev.anneal.evaluation.interval.Bootstrap;
import dev.anneal.evaluation.interval.Interval;
import dev.anneal.evaluation.rows.RowMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the rows with each value of a column.
 *
 * @param column the column, or {@code length}
 * @param values the values, the most frequent first, or the lengths in ascending order
 */
public record Slices(String column, List<Slice> values) {
    /** Above so many values, the rows of each are too few, and the report would be too long. */
    public static final int MOST_VALUES = 100;

    /** The fewest rows of each side with which a gap has an interval: the draws do not show what fewer rows leave open. */
    public static final int FEWEST_ROWS = 20;

    /** A share that is 0 or 1 in all of n rows may be this number divided by n off, with a probability of 95 % (the rule of three). */
    private static final double UNSEEN = 3;

    /** A metric of a slice, and its gap: how far it is above that of all other rows. */
    public record Figure(
            double value,
            @Nullable Interval interval,
            @Nullable Double gap,
            @Nullable Interval gapInterval) {}

    /** The metrics of the rows with one value. */
    public record Slice(String value, int examples, Map<String, Figure> metrics) {}

    /**
     * Returns the metrics of each value.
     *
     * @param values the value of each row, as a number that counts from 0, or -1 if the row has none
     */
    public static Slices of(String column, List<String> names, int[] values, RowMetrics metrics) {
        int count = metrics.names().size();
        Bootstrap bootstrap = Bootstrap.of(metrics.rows(), rows -> figures(rows, names.size(), values, metrics));
        int[] sizes = new int[names.size()];
        for (int value : values) {
            if (value >= 0) {
                sizes[value]++;
            }
        }
        List<Slice> slices = new ArrayList<>();
        for (int value = 0; value < names.size(); value++) {
            Map<String, Figure> figures = new LinkedHashMap<>();
            for (int metric = 0; metric < count; metric++) {
                int at = 2 * (value * count + metric);
                Double figure = bootstrap.figure(at);
                if (figure != null) {
                    figures.put(
                            metrics.names().get(metric),
                            new Figure(
                                    figure,
                                    bootstrap.interval(at),
                                    bootstrap.figure(at + 1),
                                    gapInterval(
                                            bootstrap,
                                            at,
                                            metrics.isHigherBetter(metric),
                                            sizes[value],
                                            metrics.rows() - sizes[value])));
                }
            }
            if (sizes[value] > 0) {
                slices.add(new Slice(names.get(value), sizes[value], figures));
            }
        }
        return new Slices(column, slices);
    }

    /**
     * Returns the interval of a gap, or null if the rows do not show how far it may be off. If all rows of a side are right, or all
     * wrong, so are those of each draw: then the interval is wider than that of the draws.
     *
     * @param at the place of the metric, which is followed by its gap
     * @param isShare whether the metric is from 0 to 1
     */
    private static @Nullable Interval gapInterval(
            Bootstrap bootstrap, int at, boolean isShare, int rows, int otherRows) {
        Double own = bootstrap.figure(at);
        Double gap = bootstrap.figure(at + 1);
        if (own == null || gap == null || Math.min(rows, otherRows) < FEWEST_ROWS) {
            return null;
        }
        boolean isEnd = isShare && isEnd(own);
        boolean isOtherEnd = isShare && isEnd(own - gap);
        Interval drawn = bootstrap.interval(at + 1);
        if (drawn == null && isEnd && isOtherEnd) {
            drawn = new Interval(gap, gap);
        }
        if (drawn == null || bootstrap.interval(at) == null && !isEnd) {
            return null;
        }
        double unseen = isEnd ? UNSEEN / rows : 0;
        double otherUnseen = isOtherEnd ? UNSEEN / otherRows : 0;
        boolean isLow = own < 0.5;
        boolean isOtherLow = own - gap < 0.5;
        return new Interval(
                drawn.low() - (isLow ? 0 : unseen) - (isOtherLow ? otherUnseen : 0),
                drawn.high() + (isLow ? unseen : 0) + (isOtherLow ? 0 : otherUnseen));
    }

    private static boolean isEnd(double share) {
        return share < 1e-9 || share > 1 - 1e-9;
    }

    /** Returns for each value each metric and its gap. */
    private static double[] figures(int[] rows, int names, int[] values, RowMetrics metrics) {
        int width = metrics.width();
        int count = metrics.names().size();
        double[] sums = new double[(names + 1) * width]; // those of the rows without a value come last
        double[] all = new double[width];
        for (int row : rows) {
            metrics.add(row, sums, (values[row] < 0 ? names : values[row]) * width);
            metrics.add(row, all, 0);
        }
        double[] figures = new double[names * 2 * count];
        double[] others = new double[width];
        for (int value = 0; value < names; value++) {
            for (int i = 0; i < width; i++) {
                others[i] = all[i] - sums[value * width + i];
            }
            double[] own = metrics.of(sums, value * width);
            double[] rest = metrics.of(others, 0);
            for (int metric = 0; metric < count; metric++) {
                int at = 2 * (value * count + metric);
                figures[at] = own[metric];
                figures[at + 1] = own[metric] - rest[metric];
            }
        }
        return figures;
    }
}
