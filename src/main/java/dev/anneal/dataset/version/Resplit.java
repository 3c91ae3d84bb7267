package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.file.SplitOptions;
import dev.anneal.dataset.split.RowSplitter;
import dev.anneal.dataset.split.Splits;
import java.io.IOException;
import java.nio.file.Path;

/** Draws the splits again, as an upload draws them. */
final class Resplit implements Step {
    private final SplitOptions options;
    private final String name;
    private Splits splits = new Splits();

    /**
     * Creates the step.
     *
     * @param name of the step, for messages
     */
    Resplit(SplitOptions options, String name) {
        this.options = options;
        this.name = name;
    }

    @Override
    public boolean isCostly() {
        return true;
    }

    @Override
    public void prepare(RowSource before, Path directory, Deadline deadline) throws IOException {
        try (RowSplitter splitter = new RowSplitter(directory, options, name)) {
            before.forEach(splitter::add);
            splits = splitter.draw();
        }
    }

    @Override
    public Row apply(Row row) {
        String split = splits.of(Math.toIntExact(row.number()));
        return new Row(row.number(), row.file(), row.line(), split, row.label(), row.content(), row.values());
    }
}
