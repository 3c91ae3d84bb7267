package dev.anneal.evaluation;

/** Division as metrics define it: a part of nothing is 0. */
final class Ratio {
    private Ratio() {}

    static double of(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }
}
