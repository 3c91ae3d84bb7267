package dev.anneal.evaluation.regression;

import dev.anneal.evaluation.count.Ratio;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The metrics of found numbers beside the expected ones. One that is not defined is null. */
public record RegressionFigures(double[] expected, double[] found) {
    public int size() {
        return expected.length;
    }

    public double error(int example) {
        return found[example] - expected[example];
    }

    public double meanSquaredError() {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            sum += error(i) * error(i);
        }
        return Ratio.of(sum, size());
    }

    public double meanAbsoluteError() {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            sum += Math.abs(error(i));
        }
        return Ratio.of(sum, size());
    }

    /** Share of the variance that is explained; null if there is none. */
    public @Nullable Double r2() {
        if (isConstant(expected)) {
            return null;
        }
        double mean = mean(expected);
        double variance = 0;
        for (double x : expected) {
            variance += (x - mean) * (x - mean);
        }
        return 1 - meanSquaredError() * size() / variance;
    }

    /** Returns Pearson's correlation, from -1 to 1; null if all numbers of one side are the same. */
    public @Nullable Double pearson() {
        return correlation(expected, found);
    }

    /** Returns Pearson's correlation of the ranks; equal numbers share the mean of theirs. */
    public @Nullable Double spearman() {
        return correlation(ranks(expected), ranks(found));
    }

    private static @Nullable Double correlation(double[] x, double[] y) {
        if (isConstant(x) || isConstant(y)) {
            return null;
        }
        double meanX = mean(x);
        double meanY = mean(y);
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        double correlation = Ratio.of(xy, Math.sqrt(xx) * Math.sqrt(yy));
        return Math.max(-1, Math.min(1, correlation)); // rounding can lead out of it
    }

    /** Asked of the numbers themselves: a variance of equal ones need not round to 0. */
    private static boolean isConstant(double[] x) {
        return Arrays.stream(x).allMatch(value -> value == x[0]);
    }

    private static double mean(double[] x) {
        return Arrays.stream(x).average().orElse(0);
    }

    private static double[] ranks(double[] x) {
        Integer[] order = IntStream.range(0, x.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (a, b) -> Double.compare(x[a], x[b]));
        double[] ranks = new double[x.length];
        for (int from = 0; from < x.length; ) {
            int to = from + 1;
            while (to < x.length && x[order[to]] == x[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + to + 1) / 2.0;
            }
            from = to;
        }
        return ranks;
    }
}
