package dev.anneal.evaluation.count;

import org.jspecify.annotations.Nullable;

/** Division by a count that may be 0. */
public final class Ratio {
    private Ratio() {}

    /** Returns 0 as a part of nothing, for metrics that must be numbers because epochs are compared by them. */
    public static double of(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }

    /** Returns null as a part of nothing. */
    public static @Nullable Double orNull(double part, double whole) {
        return whole == 0 ? null : part / whole;
    }
}
