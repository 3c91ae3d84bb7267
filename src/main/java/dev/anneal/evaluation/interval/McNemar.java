package dev.anneal.evaluation.interval;

/** McNemar's exact test of two models on the same rows. */
public final class McNemar {
    private McNemar() {}

    /**
     * Returns the p-value: how probable such a difference or a larger one is if both models are right equally often.
     *
     * @param onlyFirst the number of rows on which only the first model is right
     * @param onlySecond the number of rows on which only the second one is right
     */
    public static double pValue(long onlyFirst, long onlySecond) {
        long rows = onlyFirst + onlySecond;
        long fewer = Math.min(onlyFirst, onlySecond);
        if (2 * fewer >= rows) {
            return 1; // also without rows
        }
        double term = -rows * Math.log(2); // the logarithm of the probability of `fewer`, beginning with that of 0
        for (long i = 1; i <= fewer; i++) {
            term += Math.log((double) (rows - i + 1) / i);
        }
        // From the largest term down, each is that of one row less.
        double probability = Math.exp(term);
        double sum = 0;
        for (long i = fewer; i >= 0 && probability > sum * 1e-17; i--) {
            sum += probability;
            probability *= (double) i / (rows - i + 1);
        }
        return Math.min(1, 2 * sum);
    }
}
