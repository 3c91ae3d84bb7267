package dev.anneal.dataset.split;

import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import tools.jackson.databind.node.ObjectNode;

/** Divides the rows of each label in a random order: the first are for test, the next for validation. */
final class StratifiedDrawing implements Drawing {
    private final RowsByLabel order;

    StratifiedDrawing(Path directory, long seed) {
        this.order = new RowsByLabel(directory, seed);
    }

    @Override
    public void add(int number, ObjectNode content) throws IOException {
        order.add(number, RowLabels.first(content));
    }

    @Override
    public void draw(Shares shares, BitSet without, Visitor visitor) throws IOException {
        long[] ends = {0, 0}; // of the parts of a label
        order.forEach(without, (number, place, size, before, all) -> {
            if (place == 0) {
                ends[0] = shares.tests(size);
                ends[1] = ends[0] + shares.validations(size);
            }
            visitor.visit(number, place < ends[0] ? Shares.TEST : place < ends[1] ? Shares.VALIDATION : Shares.TRAIN);
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
