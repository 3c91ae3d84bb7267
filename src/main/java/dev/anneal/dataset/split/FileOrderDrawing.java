package dev.anneal.dataset.split;

import java.io.IOException;
import java.util.BitSet;
import tools.jackson.databind.node.ObjectNode;

/** Divides rows in their order: the last are for test, those before for validation. */
final class FileOrderDrawing implements Drawing {
    private final BitSet rows = new BitSet();

    @Override
    public void add(int number, ObjectNode content) {
        rows.set(number);
    }

    @Override
    public void draw(Shares shares, BitSet without, Visitor visitor) throws IOException {
        long[] sizes = shares.sizes(rows.cardinality());
        long place = 0;
        for (int number = rows.nextSetBit(0); number >= 0; number = rows.nextSetBit(number + 1)) {
            int part = place < sizes[Shares.TRAIN]
                    ? Shares.TRAIN
                    : place < sizes[Shares.TRAIN] + sizes[Shares.VALIDATION] ? Shares.VALIDATION : Shares.TEST;
            visitor.visit(number, part);
            place++;
        }
    }
}
