package dev.anneal.evaluation.interval;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Draws the rows of an evaluation again, with repetition, and computes figures on each draw. The intervals are bias-corrected and
 * accelerated (BCa; <a href="https://doi.org/10.1080/01621459.1987.10478410">Efron, 1987</a>); the acceleration comes from
 * leaving out one of up to 200 groups of rows at a time. Draws of few rows vary less than samples, so the interval is wider by the factor that Student's t
 * has for a mean (<a href="https://doi.org/10.1080/00031305.2015.1089789">Hesterberg, 2015</a>). A draw for which a figure is not defined
 * does not count for its interval. The same rows always give the same intervals.
 */
public final class Bootstrap {
    private static final int DRAWS = 1000;
    private static final int FEWEST_DRAWS = 200;
    /** Above so many drawn rows there are fewer draws. */
    private static final long DRAWN_ROWS = 100_000_000;

    private static final int GROUPS = 200;
    /** The standard normal distribution exceeds it with a probability of 2.5 %. */
    private static final double FAR = Normal.quantile(0.975);

    private static final long SEED = 20_250_101;

    /** Figures of rows, which may repeat. */
    public interface Statistic {
        /** Returns the figures of rows, not a number for one that is not defined; always as many figures. */
        double[] of(int[] rows);
    }

    private final int rows;
    private final double[] figures;
    /** The figures of each draw, [figures][draws], sorted, without those that are not defined. */
    private final double[][] drawn;
    /** The figures without each group of rows, [groups][figures]. */
    private final double[][] without;

    private Bootstrap(int rows, double[] figures, double[][] drawn, double[][] without) {
        this.rows = rows;
        this.figures = figures;
        this.drawn = drawn;
        this.without = without;
    }

    public static Bootstrap of(int rows, Statistic statistic) {
        double[] figures = statistic.of(all(rows));
        int draws = rows < 2 ? 0 : (int) Math.max(FEWEST_DRAWS, Math.min(DRAWS, DRAWN_ROWS / rows));
        double[][] drawn = new double[figures.length][draws];
        SplittableRandom random = new SplittableRandom(SEED);
        int[] sample = new int[rows];
        for (int draw = 0; draw < draws; draw++) {
            for (int i = 0; i < rows; i++) {
                sample[i] = random.nextInt(rows);
            }
            double[] found = statistic.of(sample);
            for (int k = 0; k < figures.length; k++) {
                drawn[k][draw] = found[k];
            }
        }
        for (int k = 0; k < figures.length; k++) {
            drawn[k] = Arrays.stream(drawn[k])
                    .filter(x -> !Double.isNaN(x))
                    .sorted()
                    .toArray();
        }
        return new Bootstrap(rows, figures, drawn, rows < 2 ? new double[0][] : without(rows, statistic));
    }

    private static int[] all(int rows) {
        int[] all = new int[rows];
        Arrays.setAll(all, i -> i);
        return all;
    }

    private static double[][] without(int rows, Statistic statistic) {
        int groups = Math.min(GROUPS, rows);
        double[][] figures = new double[groups][];
        for (int group = 0; group < groups; group++) {
            int size = (rows - group + groups - 1) / groups;
            int[] rest = new int[rows - size];
            for (int i = 0, at = 0; i < rows; i++) {
                if (i % groups != group) {
                    rest[at++] = i;
                }
            }
            figures[group] = statistic.of(rest);
        }
        return figures;
    }

    /** Returns a figure of all rows; null if it is not defined. */
    public @Nullable Double figure(int number) {
        return Double.isNaN(figures[number]) ? null : figures[number];
    }

    /**
     * Returns the interval of a figure. It is null if the figure is not defined for the rows or for most draws, and if it is the
     * same in all draws: the rows then say nothing about how far it may be off.
     */
    public @Nullable Interval interval(int number) {
        double[] sorted = drawn[number];
        double figure = figures[number];
        if (Double.isNaN(figure) || sorted.length < FEWEST_DRAWS / 2 || sorted[0] == sorted[sorted.length - 1]) {
            return null;
        }
        double below = (rank(sorted, figure, false) + rank(sorted, figure, true)) / 2.0 / sorted.length;
        double least = 0.5 / sorted.length;
        double bias = Normal.quantile(Math.max(least, Math.min(1 - least, below)));
        double acceleration = acceleration(number);
        double far = Student.quantile(FAR, rows - 1.0) * Math.sqrt(rows / (rows - 1.0));
        return new Interval(
                quantile(sorted, adjusted(-far, bias, acceleration)),
                quantile(sorted, adjusted(far, bias, acceleration)));
    }

    /** Returns the probability of a draw at least so far on the other side of 0 from the figure, of both sides, as a p-value. */
    public @Nullable Double pValue(int number) {
        double[] sorted = drawn[number];
        if (Double.isNaN(figures[number]) || sorted.length < FEWEST_DRAWS / 2) {
            return null;
        }
        int notAbove = rank(sorted, 0, true);
        int notBelow = sorted.length - rank(sorted, 0, false);
        return Math.min(1, 2.0 * (1 + Math.min(notAbove, notBelow)) / (1 + sorted.length));
    }

    /** Returns how many sorted numbers are below a value, or not above it. */
    private static int rank(double[] sorted, double value, boolean orEqual) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value || orEqual && sorted[middle] == value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private double acceleration(int number) {
        double[] values = Arrays.stream(without)
                .mapToDouble(row -> row[number])
                .filter(x -> !Double.isNaN(x))
                .toArray();
        double mean = Arrays.stream(values).average().orElse(0);
        double squares = 0;
        double cubes = 0;
        for (double value : values) {
            double difference = mean - value;
            squares += difference * difference;
            cubes += difference * difference * difference;
        }
        return squares == 0 ? 0 : cubes / (6 * Math.pow(squares, 1.5));
    }

    private static double adjusted(double far, double bias, double acceleration) {
        double z = bias + far;
        double slope = 1 - acceleration * z;
        return slope <= 0 ? (z < 0 ? 0 : 1) : Normal.probability(bias + z / slope);
    }

    /** Returns the number that a share of some sorted ones does not exceed, as numpy computes it by default. */
    public static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int low = (int) Math.floor(at);
        int high = Math.min(sorted.length - 1, low + 1);
        return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
    }
}
