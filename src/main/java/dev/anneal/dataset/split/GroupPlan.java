package dev.anneal.dataset.split;

import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A plan that says how many groups of each size go to each part, so that the parts have nearly the sizes that are asked for: moving one more group
 * would not bring them nearer.
 */
final class GroupPlan {
    private static final double NOTHING = 1e-9;
    private static final int MAX_MOVES = 10_000;

    private final SortedMap<Integer, int[]> groups = new TreeMap<>(Comparator.reverseOrder());
    private final double[] shares;
    private final double[] targets;
    private final long[] filled;

    /**
     * Makes a plan.
     *
     * @param sizes how many groups have a size
     * @param kept how many rows the first part has already
     */
    GroupPlan(Map<Integer, Integer> sizes, long kept, double[] shares) {
        this.shares = shares;
        this.targets = new double[shares.length];
        this.filled = new long[shares.length];
        filled[0] = kept;
        long rows = kept;
        int rest = 0;
        for (int part = 1; part < shares.length; part++) {
            rest = shares[part] > shares[rest] ? part : rest;
        }
        SortedMap<Integer, Integer> largestFirst = new TreeMap<>(Comparator.reverseOrder());
        largestFirst.putAll(sizes);
        for (Map.Entry<Integer, Integer> entry : largestFirst.entrySet()) {
            int size = entry.getKey();
            rows += (long) size * entry.getValue();
            groups.put(size, divide(size, entry.getValue(), rows, rest));
        }
        for (int part = 0; part < shares.length; part++) {
            targets[part] = shares[part] * rows;
        }
        for (int move = 0; move < MAX_MOVES && improve(); move++) {
            // until no move helps
        }
    }

    /** Divides the groups of a size. What a part got too few or too many of larger groups is made up for. */
    private int[] divide(int size, int count, long rows, int rest) {
        int[] parts = new int[shares.length];
        int left = count;
        for (int part = 0; part < shares.length; part++) {
            if (part != rest && shares[part] > 0) {
                long wanted = Math.round((shares[part] * rows - filled[part]) / size);
                parts[part] = (int) Math.max(0, Math.min(left, wanted));
                left -= parts[part];
            }
        }
        parts[rest] = left;
        for (int part = 0; part < shares.length; part++) {
            filled[part] += (long) size * parts[part];
        }
        return parts;
    }

    /** Moves the group whose move helps most. Returns whether there is one. */
    private boolean improve() {
        double best = NOTHING;
        int bestSize = 0;
        int bestFrom = 0;
        int bestTo = 0;
        for (Map.Entry<Integer, int[]> entry : groups.entrySet()) {
            int size = entry.getKey();
            for (int from = 0; from < shares.length; from++) {
                for (int to = 0; to < shares.length && entry.getValue()[from] > 0; to++) {
                    double gain = from == to || shares[to] == 0 ? 0 : gain(size, from, to);
                    if (gain > best) {
                        best = gain;
                        bestSize = size;
                        bestFrom = from;
                        bestTo = to;
                    }
                }
            }
        }
        int[] parts = groups.get(bestSize);
        if (parts == null) {
            return false;
        }
        parts[bestFrom]--;
        parts[bestTo]++;
        filled[bestFrom] -= bestSize;
        filled[bestTo] += bestSize;
        return true;
    }

    private double gain(int size, int from, int to) {
        return Math.abs(filled[from] - targets[from])
                + Math.abs(filled[to] - targets[to])
                - Math.abs(filled[from] - size - targets[from])
                - Math.abs(filled[to] + size - targets[to]);
    }

    /** Returns the part of the next group of a size: first those for test, then for validation, then for training. */
    int next(int size) {
        int[] parts = groups.get(size);
        for (int part = shares.length - 1; parts != null && part > 0; part--) {
            if (parts[part] > 0) {
                parts[part]--;
                return part;
            }
        }
        return 0;
    }
}
