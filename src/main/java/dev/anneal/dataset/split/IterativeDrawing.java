package dev.anneal.dataset.split;

import dev.anneal.dataset.check.SortedLongs;
import dev.anneal.dataset.check.Spool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * Iterative stratification of rows that have several labels, or entities of several types (Sechidis and others, 2011): rows with
 * the rarest labels come first, and each goes to the part that lacks most of its rarest label. The sizes of the parts are exact.
 * The labels of the rows are in temporary files.
 */
final class IterativeDrawing implements Drawing {
    private static final int MAX_LABELS = 1 << 14;
    private static final int ORDINAL_BITS = 31;
    private static final int HASH_BITS = 18;
    private static final int ENTRY = 16;

    private final Path directory;
    private final SeededHash hash;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Spool entries; // of each row: its number, how many labels it has, where they are
    private final Spool sets;
    private final byte[] entry = new byte[ENTRY];
    private int count;

    IterativeDrawing(Path directory, long seed) {
        this.directory = directory;
        this.hash = new SeededHash(seed);
        this.entries = new Spool(directory);
        this.sets = new Spool(directory);
    }

    @Override
    public void add(int number, ObjectNode content) throws IOException {
        Collection<String> names = RowLabels.all(content);
        int[] labels = (names.isEmpty() ? List.of("") : names)
                .stream().mapToInt(this::id).distinct().toArray();
        ByteBuffer bytes = ByteBuffer.allocate(labels.length * Short.BYTES);
        for (int label : labels) {
            bytes.putShort((short) label);
        }
        ByteBuffer.wrap(entry).putInt(number).putInt(labels.length).putLong(sets.position());
        entries.append(entry, ENTRY);
        sets.append(bytes.array(), bytes.capacity());
        count++;
    }

    /** Returns the number of a label. More labels than a dataset may have share numbers. */
    private int id(String name) {
        Integer known = ids.get(name);
        if (known != null) {
            return known;
        }
        int id = ids.size();
        if (id == MAX_LABELS) {
            return Math.floorMod(name.hashCode(), MAX_LABELS);
        }
        ids.put(name, id);
        return id;
    }

    private record Item(int number, int[] labels) {}

    private Item read(int ordinal) throws IOException {
        entries.read((long) ordinal * ENTRY, entry, ENTRY);
        ByteBuffer bytes = ByteBuffer.wrap(entry);
        int number = bytes.getInt();
        int[] labels = new int[bytes.getInt()];
        byte[] set = new byte[labels.length * Short.BYTES];
        sets.read(bytes.getLong(), set, set.length);
        ByteBuffer read = ByteBuffer.wrap(set);
        for (int i = 0; i < labels.length; i++) {
            labels[i] = read.getShort();
        }
        return new Item(number, labels);
    }

    @Override
    public void draw(Shares shares, BitSet without, Visitor visitor) throws IOException {
        assign(shares.all(), shares::sizes, without, shares.all()[Shares.TRAIN] > 0, visitor);
    }

    @Override
    public void fold(int folds, Visitor visitor) throws IOException {
        double[] shares = new double[folds];
        Arrays.fill(shares, 1.0 / folds);
        assign(
                shares,
                rows -> IntStream.range(0, folds)
                        .mapToLong(i -> (i + 1) * rows / folds - i * rows / folds)
                        .toArray(),
                new BitSet(),
                false,
                visitor);
    }

    /** Returns the sizes of the parts of some rows. */
    private interface Sizes {
        long[] of(long rows);
    }

    private void assign(double[] shares, Sizes sizes, BitSet without, boolean trainsEach, Visitor visitor)
            throws IOException {
        long[] counts = new long[MAX_LABELS];
        long rows = 0;
        for (int i = 0; i < count; i++) {
            Item item = read(i);
            if (!without.get(item.number)) {
                rows++;
                for (int label : item.labels) {
                    counts[label]++;
                }
            }
        }
        int[] byRank = IntStream.range(0, MAX_LABELS)
                .boxed()
                .sorted(Comparator.comparingLong(label -> counts[label]))
                .mapToInt(Integer::intValue)
                .toArray();
        Needs needs = new Needs(shares, sizes.of(rows), counts, trainsEach);
        try (SortedLongs order = new SortedLongs(directory)) {
            sort(order, byRank, without);
            order.forEach(value -> {
                Item item = read((int) value & Integer.MAX_VALUE);
                int rarest = byRank[(int) (value >>> (ORDINAL_BITS + HASH_BITS))];
                int part = needs.most(item.labels, rarest);
                needs.give(part, item.labels);
                visitor.visit(item.number, part);
            });
        }
    }

    /** Sorts the rows by their rarest label, those of one label at random. */
    private void sort(SortedLongs order, int[] byRank, BitSet without) throws IOException {
        int[] ranks = new int[MAX_LABELS];
        for (int rank = 0; rank < MAX_LABELS; rank++) {
            ranks[byRank[rank]] = rank;
        }
        for (int i = 0; i < count; i++) {
            Item item = read(i);
            if (!without.get(item.number)) {
                long rank =
                        Arrays.stream(item.labels).map(label -> ranks[label]).min().orElse(0);
                order.add((rank << HASH_BITS | hash.of(item.number, HASH_BITS)) << ORDINAL_BITS | i);
            }
        }
    }

    /** The rows that the parts lack: of each label, and in all. */
    private static final class Needs {
        private static final double SAME = 1e-9;

        private final double[][] labels;
        private final long[] rows;
        private final boolean[] trained = new boolean[MAX_LABELS];
        private final boolean trainsEach;

        Needs(double[] shares, long[] sizes, long[] counts, boolean trainsEach) {
            this.rows = sizes;
            this.trainsEach = trainsEach;
            this.labels = new double[shares.length][MAX_LABELS];
            for (int part = 0; part < shares.length; part++) {
                for (int label = 0; label < MAX_LABELS; label++) {
                    labels[part][label] = shares[part] * counts[label];
                }
            }
        }

        /** Returns the part that gets a row. The first row of each label is for training. */
        int most(int[] all, int rarest) {
            if (trainsEach && Arrays.stream(all).anyMatch(label -> !trained[label])) {
                return Shares.TRAIN;
            }
            int best = -1;
            for (int part = 0; part < rows.length; part++) {
                if (rows[part] > 0 && (best < 0 || isMore(part, best, rarest))) {
                    best = part;
                }
            }
            return Math.max(best, 0);
        }

        private boolean isMore(int part, int other, int label) {
            double difference = labels[part][label] - labels[other][label];
            return difference > SAME || difference > -SAME && rows[part] > rows[other];
        }

        void give(int part, int[] all) {
            rows[part]--;
            for (int label : all) {
                labels[part][label]--;
                trained[label] |= part == Shares.TRAIN;
            }
        }
    }

    @Override
    public void close() throws IOException {
        entries.close();
        sets.close();
    }
}
