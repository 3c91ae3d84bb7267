package dev.anneal.dataset.split;

import dev.anneal.dataset.spool.SortedLongs;
import dev.anneal.dataset.spool.Spool;
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
 * Stratifies rows that have several labels, or entities of several types, in the order of iterative stratification (Sechidis and
 * others, 2011): rows with the rarest labels first. Each row goes to the part that lacks most of its labels so far. A row that is
 * missing counts more for a rare label than for a frequent one. Unlike there, the sizes of the parts are exact. The labels of the
 * rows are in temporary files.
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
        int unlabelled = ids.getOrDefault("", -1); // last, because such rows can go anywhere
        int[] byRank = IntStream.range(0, MAX_LABELS)
                .boxed()
                .sorted(Comparator.comparingLong(label -> label == unlabelled ? Long.MAX_VALUE : counts[label]))
                .mapToInt(Integer::intValue)
                .toArray();
        Needs needs = new Needs(shares, sizes.of(rows), counts, trainsEach);
        try (SortedLongs order = new SortedLongs(directory)) {
            sort(order, byRank, without);
            order.forEach(value -> {
                Item item = read((int) value & Integer.MAX_VALUE);
                int part = needs.most(item.labels);
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
                long rank = Arrays.stream(item.labels)
                        .map(label -> ranks[label])
                        .min()
                        .orElse(0);
                order.add((rank << HASH_BITS | hash.of(item.number, HASH_BITS)) << ORDINAL_BITS | i);
            }
        }
    }

    /** The rows that the parts have of those so far, and the rows for which they have room. */
    private static final class Needs {
        private final double[] shares;
        private final long[] room;
        private final long[] counts;
        private final boolean trainsEach;
        private final int[][] labels;
        private final int[] seen = new int[MAX_LABELS];
        private final long[] rows;
        private final double all;
        private long seenRows;

        Needs(double[] shares, long[] sizes, long[] counts, boolean trainsEach) {
            this.shares = shares;
            this.room = sizes;
            this.counts = counts;
            this.trainsEach = trainsEach;
            this.labels = new int[shares.length][MAX_LABELS];
            this.rows = new long[shares.length];
            this.all = Math.sqrt(Arrays.stream(sizes).sum());
        }

        /** Returns the part that gets a row. The first row of each label is for training. */
        int most(int[] own) {
            if (trainsEach && Arrays.stream(own).anyMatch(label -> labels[Shares.TRAIN][label] == 0)) {
                return Shares.TRAIN;
            }
            int best = 0;
            double most = Double.NEGATIVE_INFINITY;
            for (int part = 0; part < room.length; part++) {
                double lack = room[part] > 0 ? lack(part, own) : Double.NEGATIVE_INFINITY;
                if (lack > most) {
                    best = part;
                    most = lack;
                }
            }
            return best;
        }

        private double lack(int part, int[] own) {
            double lack = (shares[part] * (seenRows + 1) - rows[part]) / all;
            for (int label : own) {
                lack += (shares[part] * (seen[label] + 1) - labels[part][label]) / Math.sqrt(counts[label]);
            }
            return lack;
        }

        void give(int part, int[] own) {
            room[part]--;
            rows[part]++;
            seenRows++;
            for (int label : own) {
                labels[part][label]++;
                seen[label]++;
            }
        }
    }

    @Override
    public void close() throws IOException {
        entries.close();
        sets.close();
    }
}
