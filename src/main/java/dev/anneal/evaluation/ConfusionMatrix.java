package dev.anneal.evaluation;

import java.util.Arrays;
import java.util.stream.IntStream;

/** How often each label (row) was taken for each label (column), and the metrics that follow from it, as in scikit-learn. */
public record ConfusionMatrix(int[][] counts) {

    /** Number of examples whose true label this is. */
    public int support(int label) {
        return Arrays.stream(counts[label]).sum();
    }

    /** Share of the predictions of a label that are right; 0 where it was never predicted. */
    public double precision(int label) {
        return Ratio.of(counts[label][label], predicted(label));
    }

    /** Share of the examples of a label that were found; 0 where there are none. */
    public double recall(int label) {
        return Ratio.of(counts[label][label], support(label));
    }

    /** Harmonic mean of precision and recall; 0 where no example of the label was found. */
    public double f1(int label) {
        return Ratio.of(2 * counts[label][label], support(label) + predicted(label));
    }

    public double accuracy() {
        int right = IntStream.range(0, counts.length)
                .map(label -> counts[label][label])
                .sum();
        return Ratio.of(
                right, IntStream.range(0, counts.length).map(this::support).sum());
    }

    /** Mean F1 of all labels that occur among the true or the predicted ones. */
    public double f1Macro() {
        return IntStream.range(0, counts.length)
                .filter(label -> support(label) + predicted(label) > 0)
                .mapToDouble(this::f1)
                .average()
                .orElse(0);
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

    private int predicted(int label) {
        return Arrays.stream(counts).mapToInt(row -> row[label]).sum();
    }
}
