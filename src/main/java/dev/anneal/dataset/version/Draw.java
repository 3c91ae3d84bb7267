package dev.anneal.dataset.version;

import dev.anneal.dataset.check.SortedLongs;
import dev.anneal.dataset.file.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Draws rows at random, so that each label has its share of what is drawn. The same seed draws the same rows. */
final class Draw {
    /** Receives the rows of each label in a random order. */
    interface Visitor {
        /**
         * Receives a row.
         *
         * @param place its place in the order of its label, from 0
         * @param size the number of rows with its label
         * @param before the number of rows with the labels before this one
         * @param all the number of all rows
         */
        void visit(int number, long place, long size, long before, long all);
    }

    private static final int NUMBER_BITS = 31;
    private static final int HASH_BITS = 22;
    private static final int LABELS = 1 << 10;

    private Draw() {}

    static void forEach(RowSource rows, Path directory, long seed, Visitor visitor) throws IOException {
        Map<String, Integer> labels = new HashMap<>();
        long[] sizes = new long[LABELS];
        long[] all = {0};
        try (SortedLongs sorted = new SortedLongs(directory)) {
            rows.forEach(row -> {
                // More labels than a dataset may have share a group.
                int label = labels.computeIfAbsent(group(row), name -> labels.size() % LABELS);
                sizes[label]++;
                all[0]++;
                long hash = mix(seed * 31 + row.number()) >>> (64 - HASH_BITS);
                sorted.add(((long) label << HASH_BITS | hash) << NUMBER_BITS | Math.toIntExact(row.number()));
            });
            long[] state = {-1, 0, 0}; // the label, the place of the next row, the rows of the labels before
            sorted.forEach(value -> {
                long label = value >>> (NUMBER_BITS + HASH_BITS);
                if (label != state[0]) {
                    state[2] += state[0] < 0 ? 0 : sizes[(int) state[0]];
                    state[0] = label;
                    state[1] = 0;
                }
                visitor.visit((int) value & Integer.MAX_VALUE, state[1]++, sizes[(int) label], state[2], all[0]);
            });
        }
    }

    private static String group(Row row) {
        if (row.content().has("label")) {
            return row.content().get("label").asString();
        }
        return row.content().path("labels").path(0).asString("");
    }

    private static long mix(long value) {
        long h = value + 0x9e3779b97f4a7c15L;
        h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
        h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
        return h ^ (h >>> 31);
    }
}
