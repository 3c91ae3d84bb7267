package dev.anneal.training.task;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Random batches of examples of about the same length, which need little padding: all examples are shuffled, cut into large
 * groups, and sorted by length within each, like {@code group_by_length} of transformers. The batches are then shuffled.
 */
public final class LengthBuckets {
    private static final int BATCHES_PER_GROUP = 50;

    private LengthBuckets() {}

    /** Batches of example numbers, each cut out of one order when it is asked for. */
    private static final class Batches extends AbstractList<int[]> implements RandomAccess {
        private final int[] order;
        private final int batchSize;
        private final int[] batches;

        Batches(int[] order, int batchSize) {
            this.order = order;
            this.batchSize = batchSize;
            this.batches = IntStream.range(0, (order.length + batchSize - 1) / batchSize)
                    .toArray();
        }

        void shuffle(SplittableRandom random) {
            for (int i = batches.length - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                int batch = batches[i];
                batches[i] = batches[j];
                batches[j] = batch;
            }
        }

        @Override
        public int[] get(int number) {
            int from = batches[number] * batchSize;
            return Arrays.copyOfRange(order, from, Math.min(order.length, from + batchSize));
        }

        @Override
        public int size() {
            return batches.length;
        }
    }

    /** Returns batches of example numbers from 0. Each example is in one batch, and all batches but one are full. */
    public static List<int[]> batches(int[] lengths, int batchSize, SplittableRandom random) {
        int[] order = shuffled(lengths.length, random);
        // Otherwise small data would be sorted as a whole and lose its randomness.
        int groupBatches = Math.max(1, Math.min(BATCHES_PER_GROUP, lengths.length / (4 * batchSize)));
        for (int from = 0; from < order.length; from += groupBatches * batchSize) {
            int to = Math.min(order.length, from + groupBatches * batchSize);
            int[] group = sortedByLength(Arrays.copyOfRange(order, from, to), lengths);
            System.arraycopy(group, 0, order, from, group.length);
        }
        Batches batches = new Batches(order, batchSize);
        batches.shuffle(random);
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
