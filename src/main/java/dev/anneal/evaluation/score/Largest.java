package dev.anneal.evaluation.score;

/** The place of the largest of some numbers, the first of equal ones. */
public final class Largest {
    private Largest() {}

    public static int of(float[] values) {
        return of(values, 0, values.length);
    }

    /** Returns the place of the largest one of a part, counted from its beginning. */
    public static int of(float[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = values[from + i] > values[from + best] ? i : best;
        }
        return best;
    }

    public static int of(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
