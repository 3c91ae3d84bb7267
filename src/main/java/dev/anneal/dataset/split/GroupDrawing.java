package dev.anneal.dataset.split;

import dev.anneal.dataset.spool.SortedLongs;
import dev.anneal.dataset.spool.Spool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Divides groups of rows, so that no group is in two parts. Groups are known by a hash of 32 bits: two groups with the same hash
 * are in the same part, which does no harm. The first group of each label is for training, if any is.
 */
final class GroupDrawing implements Drawing {
    private static final int NUMBER_BITS = 31;
    private static final int HASH_BITS = 32;
    private static final int MAX_LABELS = 1 << 14;

    private final Path directory;
    private final SeededHash hash;
    private final SortedLongs rows;
    private final Set<String> labels = new HashSet<>();
    private final Set<Long> trained = new HashSet<>();

    GroupDrawing(Path directory, long seed) {
        this.directory = directory;
        this.hash = new SeededHash(seed);
        this.rows = new SortedLongs(directory);
    }

    @Override
    public void add(int number, ObjectNode content) throws IOException {
        long group = hash.of(content.path("group").asString(""), HASH_BITS);
        rows.add(group << NUMBER_BITS | number);
        for (String label : RowLabels.all(content)) {
            if (labels.size() < MAX_LABELS && labels.add(label)) {
                trained.add(group);
            }
        }
    }

    @Override
    public void draw(Shares shares, BitSet without, Visitor visitor) throws IOException {
        boolean trains = shares.all()[Shares.TRAIN] > 0;
        assign(shares.all(), without, trains ? trained : Set.of(), visitor);
    }

    @Override
    public void fold(int folds, Visitor visitor) throws IOException {
        double[] shares = new double[folds];
        Arrays.fill(shares, 1.0 / folds);
        assign(shares, new BitSet(), Set.of(), visitor);
    }

    /** Receives the number of rows of each group, in the order of the groups. */
    private interface Sizes {
        void visit(long group, int size) throws IOException;
    }

    private void sizes(BitSet without, Sizes visitor) throws IOException {
        long[] current = {-1, 0};
        rows.forEach(value -> {
            if (without.get((int) value & Integer.MAX_VALUE)) {
                return;
            }
            long group = value >>> NUMBER_BITS;
            if (group != current[0] && current[1] > 0) {
                visitor.visit(current[0], (int) current[1]);
                current[1] = 0;
            }
            current[0] = group;
            current[1]++;
        });
        if (current[1] > 0) {
            visitor.visit(current[0], (int) current[1]);
        }
    }

    private void assign(double[] shares, BitSet without, Set<Long> first, Visitor visitor) throws IOException {
        try (Spool sizes = new Spool(directory)) {
            Map<Integer, Integer> groups = new HashMap<>(); // at most 4,500 sizes for 10 million rows
            long[] kept = {0};
            byte[] bytes = new byte[Integer.BYTES];
            sizes(without, (group, size) -> {
                ByteBuffer.wrap(bytes).putInt(size);
                sizes.append(bytes, bytes.length);
                if (first.contains(group)) {
                    kept[0] += size;
                } else {
                    groups.merge(size, 1, Integer::sum);
                }
            });
            GroupPlan plan = new GroupPlan(groups, kept[0], shares);
            long[] current = {-1, 0, 0}; // the group, its part, the place of the next size
            rows.forEach(value -> {
                int number = (int) value & Integer.MAX_VALUE;
                if (without.get(number)) {
                    return;
                }
                long group = value >>> NUMBER_BITS;
                if (group != current[0]) {
                    sizes.read(current[2], bytes, bytes.length);
                    current[2] += bytes.length;
                    current[0] = group;
                    current[1] = first.contains(group)
                            ? Shares.TRAIN
                            : plan.next(ByteBuffer.wrap(bytes).getInt());
                }
                visitor.visit(number, (int) current[1]);
            });
        }
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
