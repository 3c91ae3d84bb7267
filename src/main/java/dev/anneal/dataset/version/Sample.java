package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.split.RowLabels;
import dev.anneal.dataset.split.RowsByLabel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps so many rows, drawn at random, each label of each split in proportion. */
final class Sample implements Step {
    private final long rows; // 0 if a fraction is asked for
    private final double fraction;
    private final long seed;
    private final BitSet kept = new BitSet();

    Sample(long rows, double fraction, long seed) {
        this.rows = rows;
        this.fraction = fraction;
        this.seed = seed;
    }

    @Override
    public boolean isCostly() {
        return true;
    }

    @Override
    public void prepare(RowSource before, Path directory, Deadline deadline) throws IOException {
        Map<String, Part> parts = new LinkedHashMap<>(); // by split, each with as many labels as a dataset may have
        try {
            before.forEach(row -> {
                Part part = parts.computeIfAbsent(String.valueOf(row.split()), split -> new Part(directory, seed));
                part.order.add(Math.toIntExact(row.number()), RowLabels.first(row.content()));
                part.size++;
            });
            long all = parts.values().stream().mapToLong(part -> part.size).sum();
            double share = rows > 0 ? Math.min(1, (double) rows / all) : fraction;
            long earlier = 0;
            for (Part part : parts.values()) {
                draw(part.order, share, earlier);
                earlier += part.size;
            }
        } finally {
            for (Part part : parts.values()) {
                part.order.close();
            }
        }
    }

    /** Draws rows of a split. The shares of the labels are rounded so that those of all splits add up to what is asked for. */
    private void draw(RowsByLabel order, double share, long earlier) throws IOException {
        order.forEach(new BitSet(), (number, place, size, before, all) -> {
            long from = earlier + before;
            if (place < Math.round((from + size) * share) - Math.round(from * share)) {
                kept.set(number);
            }
        });
    }

    /** The rows of a split. */
    private static final class Part {
        private final RowsByLabel order;
        private long size;

        Part(Path directory, long seed) {
            this.order = new RowsByLabel(directory, seed);
        }
    }

    @Override
    public @Nullable Row apply(Row row) {
        return kept.get(Math.toIntExact(row.number())) ? row : null;
    }
}
