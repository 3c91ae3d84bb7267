package dev.anneal.evaluation.count;

/**
 * A draw of rows with one label each, as a bootstrap makes it. With few rows, all of a draw may have the same label, although the rows have
 * several. It does not show how well they are distinguished: macro F1 would be the F1 of one label, which may be 1, and the Matthews
 * correlation would be 0 / 0. Counted as 1 or as 0, such draws move an interval to that side (<a
 * href="https://doi.org/10.1145/1882471.1882479">Forman and Scholz, 2010</a>, on the same choice for folds without a label). So both metrics
 * are undefined for them, and their intervals rest on the other draws. That depends on the true labels alone, so all models and baselines
 * are compared on the same draws.
 */
public final class LabelDraw {
    private LabelDraw() {}

    /** Returns whether the drawn rows have the same true label, and other rows have another one. */
    public static boolean isOfOneLabel(int[] expected, int[] drawn) {
        return drawn.length > 0 && !hasAnother(expected, drawn) && hasAnother(expected);
    }

    private static boolean hasAnother(int[] expected, int[] rows) {
        for (int row : rows) {
            if (expected[row] != expected[rows[0]]) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasAnother(int[] expected) {
        for (int label : expected) {
            if (label != expected[0]) {
                return true;
            }
        }
        return false;
    }
}
