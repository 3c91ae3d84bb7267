package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.split.LabelOrder;
import dev.anneal.dataset.split.RowLabels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
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
        try (LabelOrder order = new LabelOrder(directory, seed)) {
            before.forEach(row ->
                    order.add(Math.toIntExact(row.number()), row.split() + " " + RowLabels.first(row.content())));
            order.forEach(new BitSet(), (number, place, size, earlier, all) -> {
                double share = rows > 0 ? Math.min(1, (double) rows / all) : fraction;
                // The shares of the labels are rounded so that they add up to what is asked for.
                long kept = Math.round((earlier + size) * share) - Math.round(earlier * share);
                if (place < kept) {
                    this.kept.set(number);
                }
            });
        }
    }

    @Override
    public @Nullable Row apply(Row row) {
        return kept.get(Math.toIntExact(row.number())) ? row : null;
    }
}
