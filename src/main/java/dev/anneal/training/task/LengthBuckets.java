package dev.anneal.training.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random batches of examples of about the same length, which need little padding: all examples are shuffled, cut into large
 * groups, and sorted by length within each, like {@code group_by_length} of transformers. The batches are then shuffled.
 */
public final class LengthBuckets {
    private static final int BATCHES_PER_GROUP = 50;

    private LengthBuckets() {}

    /** Returns batches of example numbers from 0. Each example is in one batch, and all batches but one are full. */
    public static List<int[]> batches(int[] lengths, int batchSize, SplittableRandom random) {
        int[] order = shuffled(lengths.length, random);
        // Otherwise small data would be sorted as a whole and lose its randomness.
        int groupBatches = Math.max(1, Math.min(BATCHES_PER_GROUP, lengths.length / (4 * batchSize)));
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += groupBatches * batchSize) {
            int to = Math.min(order.length, from + groupBatches * batchSize);
            int[] group = sortedByLength(Arrays.copyOfRange(order, from, to), lengths);
            for (int start = 0; start < group.length; start += batchSize) {
                batches.add(Arrays.copyOfRange(group, start, Math.min(group.length, start + batchSize)));
            }
        }
        for (int i = batches.size() - 1; i > 0; i--) {
            Collections.swap(batches, i, random.nextInt(i + 1));
        }
        return batches;
    }

    /** Returns the numbers from 0 in random order. */
    static int[] shuffled(int size, SplittableRandom random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Returns the same examples, short ones first, those of equal length in their old order. */
    static int[] sortedByLength(int[] examples, int[] lengths) {
        long[] keys = new long[examples.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) lengths[examples[i]] << 32 | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> examples[(int) key]).toArray();
    }
}
