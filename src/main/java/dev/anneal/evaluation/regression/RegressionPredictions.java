package dev.anneal.evaluation.regression;

import java.util.stream.IntStream;

/** The number that each text has, and the one that a model gave it. */
public record RegressionPredictions(double[] expected, float[] predicted) {
    public int size() {
        return expected.length;
    }

    public double error(int example) {
        return predicted[example] - expected[example];
    }

    public RegressionFigures figures() {
        return new RegressionFigures(
                expected,
                IntStream.range(0, size()).mapToDouble(i -> predicted[i]).toArray());
    }
}
