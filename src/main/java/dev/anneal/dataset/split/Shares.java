package dev.anneal.dataset.split;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** The shares of the rows for validation and test. The other rows are for training. */
record Shares(double validation, double test) {
    static final int TRAIN = 0;
    static final int VALIDATION = 1;
    static final int TEST = 2;

    /** Returns the shares by part. */
    double[] all() {
        BigDecimal rest =
                BigDecimal.ONE.subtract(BigDecimal.valueOf(validation)).subtract(BigDecimal.valueOf(test));
        return new double[] {Math.max(0, rest.doubleValue()), validation, test};
    }

    /** Returns how many of some rows are for test. Halves are rounded up, as the decimal numbers say. */
    long tests(long rows) {
        return rounded(test, rows);
    }

    long validations(long rows) {
        return Math.min(rounded(validation, rows), rows - tests(rows));
    }

    /** Returns the sizes of the parts of some rows. */
    long[] sizes(long rows) {
        return new long[] {rows - validations(rows) - tests(rows), validations(rows), tests(rows)};
    }

    private static long rounded(double share, long rows) {
        return BigDecimal.valueOf(share)
                .multiply(BigDecimal.valueOf(rows))
                .setScale(0, RoundingMode.HALF_UP)
                .longValue();
    }
}
