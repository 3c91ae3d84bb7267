package dev.anneal.dataset.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The distribution of lengths on the wire. */
record Lengths(long min, double mean, long p50, long p95, long max, List<Bin> histogram) {
    /** The number of lengths from one to another, both included. */
    record Bin(long from, long to, long count) {}

    /** The first length of each bin: 0, 1, 2, 3, 4, and then after each power of two and each three times a power of two. */
    static final long[] BOUNDS = bounds();

    private static long[] bounds() {
        long[] bounds = new long[64];
        for (int i = 0; i < 5; i++) {
            bounds[i] = i;
        }
        for (int i = 5; i < bounds.length; i++) {
            bounds[i] = 1 + (i % 2 == 1 ? 4L << (i - 5) / 2 : 6L << (i - 6) / 2);
        }
        return bounds;
    }

    /** Returns the bins from the first to the last one with a count. */
    static List<Bin> bins(long[] counts) {
        List<Bin> bins = new ArrayList<>();
        int last = counts.length - 1;
        while (last >= 0 && counts[last] == 0) {
            last--;
        }
        for (int i = 0; i <= last; i++) {
            if (counts[i] > 0 || !bins.isEmpty()) {
                bins.add(new Bin(BOUNDS[i], BOUNDS[i + 1] - 1, counts[i]));
            }
        }
        return bins;
    }

    /** Returns the distribution of lengths in ascending order. */
    static Lengths of(int[] sorted) {
        if (sorted.length == 0) {
            return new Lengths(0, 0, 0, 0, 0, List.of());
        }
        long[] counts = new long[BOUNDS.length - 1];
        int bin = 0;
        for (int length : sorted) {
            while (length >= BOUNDS[bin + 1]) {
                bin++;
            }
            counts[bin]++;
        }
        return new Lengths(
                sorted[0],
                Arrays.stream(sorted).average().orElse(0),
                percentile(sorted, 0.5),
                percentile(sorted, 0.95),
                sorted[sorted.length - 1],
                bins(counts));
    }

    private static int percentile(int[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
