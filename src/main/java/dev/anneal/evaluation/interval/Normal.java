package dev.anneal.evaluation.interval;

/** The standard normal distribution. */
final class Normal {
    /** Beyond that the probability is 0 or 1 in all figures that matter. */
    private static final double FAR = 8;

    private Normal() {}

    /** Returns the probability of a value of at most x, by the series of <a href="https://doi.org/10.18637/jss.v011.i04">Marsaglia, 2004</a>. */
    static double probability(double x) {
        if (Math.abs(x) > FAR) {
            return x < 0 ? 0 : 1;
        }
        double sum = x;
        double term = x;
        double before = 0;
        for (int i = 3; sum != before; i += 2) {
            before = sum;
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }

    /** Returns the value that is not exceeded with a probability. */
    static double quantile(double probability) {
        double low = -FAR;
        double high = FAR;
        for (int step = 0; step < 60; step++) {
            double middle = (low + high) / 2;
            if (probability(middle) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }
}
