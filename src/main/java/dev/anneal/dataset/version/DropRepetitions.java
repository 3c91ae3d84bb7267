package dev.anneal.dataset.version;

import dev.anneal.dataset.check.RowTexts;
import dev.anneal.dataset.duplicate.CheckOptions;
import dev.anneal.dataset.duplicate.Duplicates;
import dev.anneal.dataset.duplicate.Sides;
import dev.anneal.dataset.file.Row;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Removes rows that repeat others: those of some kinds of repetitions. */
final class DropRepetitions implements Step {
    private final Set<Duplicates.Kind> kinds;
    private final CheckOptions options;
    private final boolean fromTraining;
    private final BitSet dropped = new BitSet();
    private boolean stopped;

    /**
     * Creates the step.
     *
     * @param fromTraining whether of two rows on both sides the training row is removed, not the one for evaluation
     */
    DropRepetitions(Set<Duplicates.Kind> kinds, CheckOptions options, boolean fromTraining) {
        this.kinds = kinds;
        this.options = options;
        this.fromTraining = fromTraining;
    }

    @Override
    public boolean isCostly() {
        return true;
    }

    @Override
    public void prepare(RowSource before, Path directory, Deadline deadline) throws IOException {
        Sides sides = new Sides();
        try (Duplicates duplicates = new Duplicates(directory, options)) {
            before.forEach(row -> {
                int number = Math.toIntExact(row.number());
                // A row of the side of the evaluation is reported, so the sides are swapped to find training rows.
                if ("train".equals(row.split()) == fromTraining) {
                    sides.evaluate(number);
                }
                duplicates.add(number, row.number(), RowTexts.of(row.content()), RowTexts.label(row.content()));
            });
            stopped = !duplicates.find(sides, kinds, new Duplicates.Found() {
                @Override
                public void add(Duplicates.Kind kind, int row, int other, double similarity) {
                    dropped.set(row);
                }

                @Override
                public boolean isOver() {
                    deadline.check();
                    return false;
                }
            });
            if (stopped && kinds.contains(Duplicates.Kind.NEAR_LEAKAGE)) {
                throw Problem.invalid(
                        "steps",
                        "too_many_similar_rows",
                        "So many rows are similar that the search for leakage was stopped. Add the step 'drop_near_duplicates' before it, or set its 'near' to false.");
            }
        }
    }

    @Override
    public boolean isStopped() {
        return stopped;
    }

    @Override
    public @Nullable Row apply(Row row) {
        return dropped.get(Math.toIntExact(row.number())) ? null : row;
    }
}
