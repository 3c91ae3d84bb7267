package dev.anneal.evaluation.interval;

/** The most remarkable of many intervals: by chance, one of 20 does not contain the true value. */
public final class ManyIntervals {
    private static final double TAIL = 0.025;

    private ManyIntervals() {}

    /**
     * Returns whether a difference is on one side of 0 although it was chosen among others: also if its interval is so much wider that
     * all of them together contain the true values in 95 % of all samples (Bonferroni).
     *
     * @param low the lower end of the 95 % interval
     * @param high the upper end
     * @param count the number of intervals that were looked at
     */
    public static boolean excludes0(double difference, double low, double high, int count) {
        double wider = Normal.quantile(TAIL / Math.max(1, count)) / Normal.quantile(TAIL);
        return difference > 0
                ? difference - wider * (difference - low) > 0
                : difference + wider * (high - difference) < 0;
    }
}
