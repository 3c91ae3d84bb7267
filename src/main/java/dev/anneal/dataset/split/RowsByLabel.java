package dev.anneal.dataset.split;

import dev.anneal.dataset.spool.SortedLongs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;

/** The rows of each label in a random order. The same seed gives the same order. */
public final class RowsByLabel implements AutoCloseable {
    /** Receives the rows of one label after those of another. */
    public interface Visitor {
        /**
         * Receives a row.
         *
         * @param place its place in the order of its label, from 0
         * @param size the number of rows with its label
         * @param before the number of rows with the labels before this one
         * @param all the number of all rows
         */
        void visit(int number, long place, long size, long before, long all) throws IOException;
    }

    private static final int NUMBER_BITS = 31;
    private static final int HASH_BITS = 22;
    private static final int LABELS = 1 << 10;

    private final SortedLongs sorted;
    private final SeededHash hash;
    private final Map<String, Integer> labels = new HashMap<>();
    private final long[] counts = new long[LABELS];

    public RowsByLabel(Path directory, long seed) {
        this.sorted = new SortedLongs(directory);
        this.hash = new SeededHash(seed);
    }

    public void add(int number, String label) throws IOException {
        // More labels than a dataset may have share a place in the order.
        Integer known = labels.get(label);
        int id = known == null ? labels.size() % LABELS : known;
        if (known == null && labels.size() < LABELS) {
            labels.put(label, id);
        }
        counts[id]++;
        sorted.add(((long) id << HASH_BITS | hash.of(number, HASH_BITS)) << NUMBER_BITS | number);
    }

    /** Visits the rows, but for those that are left out. */
    public void forEach(BitSet without, Visitor visitor) throws IOException {
        long[] sizes = counts.clone();
        if (!without.isEmpty()) {
            sorted.forEach(value -> sizes[label(value)] -= without.get(number(value)) ? 1 : 0);
        }
        long all = LongStream.of(sizes).sum();
        long[] state = {-1, 0, 0}; // the label, the place of the next row, the rows of the labels before
        sorted.forEach(value -> {
            if (without.get(number(value))) {
                return;
            }
            int label = label(value);
            if (label != state[0]) {
                state[2] += state[0] < 0 ? 0 : sizes[(int) state[0]];
                state[0] = label;
                state[1] = 0;
            }
            visitor.visit(number(value), state[1]++, sizes[label], state[2], all);
        });
    }

    private static int number(long value) {
        return (int) value & Integer.MAX_VALUE;
    }

    private static int label(long value) {
        return (int) (value >>> (NUMBER_BITS + HASH_BITS));
    }

    @Override
    public void close() throws IOException {
        sorted.close();
    }
}
