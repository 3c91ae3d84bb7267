package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;

/** Draws the splits again: for each label, so many rows are for test, so many for validation, the rest for training. */
final class Resplit implements Step {
    private final double validation;
    private final double test;
    private final long seed;
    private final BitSet validated = new BitSet();
    private final BitSet tested = new BitSet();

    Resplit(double validation, double test, long seed) {
        this.validation = validation;
        this.test = test;
        this.seed = seed;
    }

    @Override
    public void prepare(RowSource before, Path directory) throws IOException {
        Draw.forEach(before, directory, seed, (number, place, size, earlier, all) -> {
            long tests = Math.round(test * size);
            if (place < tests) {
                tested.set(number);
            } else if (place < tests + Math.round(validation * size)) {
                validated.set(number);
            }
        });
    }

    @Override
    public Row apply(Row row) {
        int number = Math.toIntExact(row.number());
        String split = tested.get(number) ? "test" : validated.get(number) ? "validation" : "train";
        return new Row(row.number(), row.file(), row.line(), split, row.label(), row.content(), row.values());
    }
}
