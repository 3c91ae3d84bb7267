package dev.anneal.evaluation.count;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The counts of each label, from which precision, recall and F1 follow: the {@code right} predictions of it, all predictions of it
 * ({@code predicted}), and the examples that have it ({@code support}).
 */
public record LabelCounts(int[] right, int[] predicted, int[] support) {
    public LabelCounts(int labels) {
        this(new int[labels], new int[labels], new int[labels]);
    }

    public int labels() {
        return right.length;
    }

    /** Counts an example that has one label and got one. */
    public void add(int expected, int found) {
        support[expected]++;
        predicted[found]++;
        right[found] += expected == found ? 1 : 0;
    }

    /** Counts a label of an example that may have any number of them. */
    public void add(int label, boolean wanted, boolean found) {
        support[label] += wanted ? 1 : 0;
        predicted[label] += found ? 1 : 0;
        right[label] += wanted && found ? 1 : 0;
    }

    public List<LabelMetrics> metrics(List<String> names) {
        return IntStream.range(0, labels())
                .mapToObj(label -> LabelMetrics.of(names.get(label), right[label], predicted[label], support[label]))
                .toList();
    }

    /**
     * Returns the averages over labels, as scikit-learn computes them by default: a figure of a single label that is not defined
     * counts as 0. An average is null if there is nothing to average.
     *
     * @param onlyOccurring whether the macro average leaves out labels that neither an example nor a prediction has
     */
    public Averages averages(boolean onlyOccurring) {
        int[] labels = IntStream.range(0, labels())
                .filter(label -> !onlyOccurring || predicted[label] + support[label] > 0)
                .toArray();
        LabelMetrics together = LabelMetrics.of("", sum(right), sum(predicted), sum(support));
        return new Averages(
                average(labels, label -> 1),
                new Averages.Average(together.precision(), together.recall(), together.f1()),
                average(labels, label -> support[label]));
    }

    private Averages.Average average(int[] labels, IntToDoubleFunction weight) {
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        double weights = 0;
        for (int label : labels) {
            double w = weight.applyAsDouble(label);
            precision += w * Ratio.of(right[label], predicted[label]);
            recall += w * Ratio.of(right[label], support[label]);
            f1 += w * F1Score.of(right[label], predicted[label], support[label]);
            weights += w;
        }
        return new Averages.Average(
                Ratio.orNull(precision, weights), Ratio.orNull(recall, weights), Ratio.orNull(f1, weights));
    }

    public double f1Micro() {
        return F1Score.micro(right, predicted, support);
    }

    public double f1Macro() {
        return F1Score.macro(right, predicted, support);
    }

    /** Returns the macro F1 of a draw of rows, whose counts these are, without the labels that the rows have and the draw does not. */
    public double f1MacroOfDraw(LabelCounts rows) {
        return F1Score.macroOfDraw(right, predicted, support, label -> rows.predicted[label] + rows.support[label] > 0);
    }

    /** Returns whether neither an example nor a prediction has a label. */
    public boolean isEmpty() {
        return sum(predicted) + sum(support) == 0;
    }

    public double f1MacroOfOccurring() {
        return F1Score.macroOfOccurring(right, predicted, support);
    }

    /** Returns the share of the examples whose label is right, if each has one label and got one. */
    public double accuracy() {
        return Ratio.of(sum(right), sum(support));
    }

    /**
     * Returns the Matthews correlation coefficient (Matthews, 1975), for more than two labels as
     * <a href="https://doi.org/10.1016/j.compbiolchem.2004.09.006">Gorodkin, 2004</a> extends it: 1 if all predictions are
     * right, 0 if they are no better than chance, null if all examples have or get the same label.
     */
    public @Nullable Double matthewsCorrelation() {
        double examples = 0;
        double found = 0;
        double agreedByChance = 0;
        double squaredSupports = 0;
        double squaredPredictions = 0;
        for (int label = 0; label < labels(); label++) {
            examples += support[label];
            found += right[label];
            agreedByChance += (double) support[label] * predicted[label];
            squaredSupports += (double) support[label] * support[label];
            squaredPredictions += (double) predicted[label] * predicted[label];
        }
        double squared = examples * examples;
        return Ratio.orNull(
                found * examples - agreedByChance,
                Math.sqrt((squared - squaredSupports) * (squared - squaredPredictions)));
    }

    private static int sum(int[] numbers) {
        return IntStream.of(numbers).sum();
    }
}
