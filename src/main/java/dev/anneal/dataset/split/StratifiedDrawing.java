package dev.anneal.dataset.split;

import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import tools.jackson.databind.node.ObjectNode;

/** Divides the rows of each label in a random order: the first are for test, the next for validation. */
final class StratifiedDrawing implements Drawing {
    private final LabelOrder order;

    StratifiedDrawing(Path directory, long seed) {
        this.order = new LabelOrder(directory, seed);
    }

    @Override
    public void add(int number, ObjectNode content) throws IOException {
        order.add(number, RowLabels.first(content));
    }

    @Override
    public void draw(Shares shares, BitSet without, Visitor visitor) throws IOException {
        order.forEach(without, (number, place, size, before, all) -> {
            long tests = shares.tests(size);
            int part = place < tests
                    ? Shares.TEST
                    : place < tests + shares.validations(size) ? Shares.VALIDATION : Shares.TRAIN;
            visitor.visit(number, part);
        });
    }

    /** Deals the rows out one by one, label after label, so that folds and labels both have even sizes. */
    @Override
    public void fold(int folds, Visitor visitor) throws IOException {
        order.forEach(
                new BitSet(),
                (number, place, size, before, all) -> visitor.visit(number, (int) ((before + place) % folds)));
    }

    @Override
    public void close() throws IOException {
        order.close();
    }
}
