package dev.anneal.evaluation;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The number that each text has, and the one that a model gave it. */
public record RegressionPredictions(double[] expected, float[] predicted) {
    public int size() {
        return expected.length;
    }

    double error(int example) {
        return predicted[example] - expected[example];
    }

    double meanSquaredError() {
        return IntStream.range(0, size())
                .mapToDouble(i -> error(i) * error(i))
                .average()
                .orElse(0);
    }

    double meanAbsoluteError() {
        return IntStream.range(0, size())
                .mapToDouble(i -> Math.abs(error(i)))
                .average()
                .orElse(0);
    }

    /** Share of the variance that is explained; where there is none, 1 if every number was hit and else 0. */
    double r2() {
        if (isConstant(expected)) {
            return meanSquaredError() == 0 ? 1 : 0;
        }
        double mean = Arrays.stream(expected).average().orElse(0);
        double variance =
                Arrays.stream(expected).map(x -> (x - mean) * (x - mean)).sum();
        return 1 - meanSquaredError() * size() / variance;
    }

    /** Returns Pearson's correlation, from -1 to 1; 0 if all numbers of one side are the same. */
    double pearson() {
        return correlation(expected, found());
    }

    /** Returns Pearson's correlation of the ranks; equal numbers share the mean of theirs. */
    double spearman() {
        return correlation(ranks(expected), ranks(found()));
    }

    private double[] found() {
        return IntStream.range(0, size()).mapToDouble(i -> predicted[i]).toArray();
    }

    private static double correlation(double[] x, double[] y) {
        if (isConstant(x) || isConstant(y)) {
            return 0;
        }
        double meanX = Arrays.stream(x).average().orElse(0);
        double meanY = Arrays.stream(y).average().orElse(0);
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
