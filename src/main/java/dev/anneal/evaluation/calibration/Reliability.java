package dev.anneal.evaluation.calibration;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The reliability curve: predictions in 15 bins by their confidence, and how many of each bin are right
 * (<a href="https://arxiv.org/abs/1706.04599">Guo et al., 2017</a>). A bin contains its upper border.
 */
public final class Reliability {
    private static final int BINS = 15;

    private final long[] counts = new long[BINS];
    private final long[] right = new long[BINS];
    private final double[] confidences = new double[BINS];
    private long count;

    /** The predictions with a confidence in a range: their mean confidence, and the share that is right. */
    public record Bin(
            double from,
            double to,
            long count,
            @Nullable Double confidence,
            @Nullable Double accuracy) {}

    public void add(double confidence, boolean isRight) {
        int bin = Math.max(0, Math.min(BINS - 1, (int) Math.ceil(confidence * BINS) - 1));
        counts[bin]++;
        right[bin] += isRight ? 1 : 0;
        confidences[bin] += confidence;
        count++;
    }

    /** Returns the expected calibration error; null without predictions. */
    public @Nullable Double expectedError() {
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(right[bin] - confidences[bin]);
        }
        return count == 0 ? null : error / count;
    }

    public List<Bin> bins() {
        return IntStream.range(0, BINS)
                .mapToObj(bin -> new Bin(
                        (double) bin / BINS,
                        (bin + 1.0) / BINS,
                        counts[bin],
                        counts[bin] == 0 ? null : confidences[bin] / counts[bin],
                        counts[bin] == 0 ? null : (double) right[bin] / counts[bin]))
                .toList();
    }
}
