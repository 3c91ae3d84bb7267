package dev.anneal.evaluation;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** The number of examples of each label (row) for which each label (column) was predicted, and their metrics, as in scikit-learn. */
public record ConfusionMatrix(int[][] counts) {

    /** Returns the number of examples whose true label this is. */
    public int support(int label) {
        return Arrays.stream(counts[label]).sum();
    }

    /** Returns the share of the predictions of a label that are right; 0 if it was never predicted. */
    public double precision(int label) {
        return Ratio.of(counts[label][label], predicted(label));
    }

    /** Returns the share of the examples of a label that were found; 0 if there are none. */
    public double recall(int label) {
        return Ratio.of(counts[label][label], support(label));
    }

    /** Returns the harmonic mean of precision and recall; 0 if no example of the label was found. */
    public double f1(int label) {
        return F1Score.of(counts[label][label], predicted(label), support(label));
    }

    public double accuracy() {
        int right = IntStream.range(0, counts.length)
                .map(label -> counts[label][label])
                .sum();
        return Ratio.of(
                right, IntStream.range(0, counts.length).map(this::support).sum());
    }

    /** Returns the mean F1 of all labels that occur among the true or the predicted ones. */
    public double f1Macro() {
        return F1Score.macroOfOccurring(
                ofEachLabel(label -> counts[label][label]), ofEachLabel(this::predicted), ofEachLabel(this::support));
    }

    /**
     * Returns the Matthews correlation coefficient (Matthews, 1975), for more than two labels as
     * <a href="https://doi.org/10.1016/j.compbiolchem.2004.09.006">Gorodkin, 2004</a> extends it: 1 if all predictions are
     * right, 0 if they are no better than chance or all examples have or get the same label.
     */
    public double matthewsCorrelation() {
        double examples = 0;
        double right = 0;
        double agreedByChance = 0;
        double squaredSupports = 0;
        double squaredPredictions = 0;
        for (int label = 0; label < counts.length; label++) {
            double support = support(label);
            double predicted = predicted(label);
            examples += support;
            right += counts[label][label];
            agreedByChance += support * predicted;
            squaredSupports += support * support;
            squaredPredictions += predicted * predicted;
        }
        double squared = examples * examples;
        return Ratio.of(
                right * examples - agreedByChance,
                Math.sqrt((squared - squaredSupports) * (squared - squaredPredictions)));
    }

    private int[] ofEachLabel(IntUnaryOperator count) {
        return IntStream.range(0, counts.length).map(count).toArray();
    }

    private int predicted(int label) {
        return Arrays.stream(counts).mapToInt(row -> row[label]).sum();
    }
}
