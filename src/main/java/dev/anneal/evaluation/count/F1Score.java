package dev.anneal.evaluation.count;

import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The F1 score, as scikit-learn's {@code f1_score} computes it by default. A label has three counts: the {@code right}
 * predictions of it, all predictions of it ({@code predicted}) and the examples that have it ({@code support}). Then
 * {@code F1 = 2 · right / (predicted + support)}, the harmonic mean of precision and recall.
 *
 * <p>A label without predictions and examples would divide 0 by 0. Its F1 is 0, as with {@code zero_division=0}, which is what
 * scikit-learn's default {@code "warn"} returns. The two macro averages differ in whether such a label counts, because
 * scikit-learn's default differs, too:
 *
 * <ul>
 *   <li>If each example has one label, {@code f1_score(average="macro")} averages the labels that occur in {@code y_true} or
 *       {@code y_pred}. That is {@link #macroOfOccurring}.
 *   <li>If an example has any number of labels, {@code y_true} and {@code y_pred} have a column for each label, and
 *       {@code f1_score(average="macro")} averages all columns. That is {@link #macro}.
 * </ul>
 */
public final class F1Score {
    private F1Score() {}

    /** Returns the F1 of one label. */
    public static double of(int right, int predicted, int support) {
        return Ratio.of(2.0 * right, predicted + support);
    }

    /** Returns the F1 of the counts of all labels together. */
    public static double micro(int[] right, int[] predicted, int[] support) {
        return of(sum(right), sum(predicted), sum(support));
    }

    /** Returns the mean F1 of all labels; 0 if there are none. A label that does not occur counts as 0. */
    public static double macro(int[] right, int[] predicted, int[] support) {
        return mean(right, predicted, support, label -> true);
    }

    /** Returns the mean F1 of the labels with predictions or examples; 0 if there are none. */
    public static double macroOfOccurring(int[] right, int[] predicted, int[] support) {
        return mean(right, predicted, support, label -> predicted[label] + support[label] > 0);
    }

    /** Returns the mean F1 of all labels in a draw of rows, without the labels that occur in the rows but not in the draw. */
    static double macroOfDraw(int[] right, int[] predicted, int[] support, IntPredicate occursInRows) {
        return mean(
                right, predicted, support, label -> predicted[label] + support[label] > 0 || !occursInRows.test(label));
    }

    private static double mean(int[] right, int[] predicted, int[] support, IntPredicate counts) {
        return IntStream.range(0, right.length)
                .filter(counts)
                .mapToDouble(label -> of(right[label], predicted[label], support[label]))
                .average()
                .orElse(0);
    }

    private static int sum(int[] numbers) {
        return IntStream.of(numbers).sum();
    }
}
