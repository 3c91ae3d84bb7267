package dev.anneal.dataset.split;

import dev.anneal.dataset.check.RowTexts;
import dev.anneal.dataset.duplicate.Folding;
import java.io.IOException;
import java.util.BitSet;
import tools.jackson.databind.node.ObjectNode;

/** Divides rows by a hash of their texts alone. A row keeps its part if others are added, and equal texts have the same part. */
final class ContentDrawing implements Drawing {
    private static final int BITS = 53; // what a double holds

    private final SeededHash hash;
    private final Shares shares;
    private final BitSet rows = new BitSet();
    private final BitSet tests = new BitSet();
    private final BitSet validations = new BitSet();

    ContentDrawing(long seed, Shares shares) {
        this.hash = new SeededHash(seed);
        this.shares = shares;
    }

    @Override
    public void add(int number, ObjectNode content) {
        double place = hash.of(Folding.fold(RowTexts.of(content)), BITS) / (double) (1L << BITS);
        rows.set(number);
        tests.set(number, place < shares.test());
        validations.set(number, place >= shares.test() && place < shares.test() + shares.validation());
    }

    @Override
    public void draw(Shares asked, BitSet without, Visitor visitor) throws IOException {
        for (int number = rows.nextSetBit(0); number >= 0; number = rows.nextSetBit(number + 1)) {
            visitor.visit(
                    number,
                    tests.get(number) ? Shares.TEST : validations.get(number) ? Shares.VALIDATION : Shares.TRAIN);
        }
    }
}
