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

    /** Share of the variance that is explained; 0 where all expected numbers are the same. */
    double r2() {
        double mean = Arrays.stream(expected).average().orElse(0);
        double variance =
                Arrays.stream(expected).map(x -> (x - mean) * (x - mean)).sum();
        return variance == 0 ? 0 : 1 - meanSquaredError() * size() / variance;
    }

    double pearson() {
        return correlation(expected, found());
    }

    /** Pearson's correlation of the ranks; equal numbers share the mean of theirs. */
    double spearman() {
        return correlation(ranks(expected), ranks(found()));
    }

    private double[] found() {
        return IntStream.range(0, size()).mapToDouble(i -> predicted[i]).toArray();
    }

    private static double correlation(double[] x, double[] y) {
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
        return Figures.share(xy, Math.sqrt(xx) * Math.sqrt(yy));
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
