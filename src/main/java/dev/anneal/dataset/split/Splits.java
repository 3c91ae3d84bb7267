package dev.anneal.dataset.split;

import java.io.IOException;
import java.util.BitSet;

/** The splits of rows by their numbers. A few bits for each row are in memory. */
public final class Splits {
    /** Receives the rows for validation and test. */
    public interface Visitor {
        void visit(int number, String split) throws IOException;
    }

    private final BitSet validation = new BitSet();
    private final BitSet test = new BitSet();

    void put(int number, int part) {
        validation.set(number, part == Shares.VALIDATION);
        test.set(number, part == Shares.TEST);
    }

    /** Returns the split of a row. */
    public String of(int number) {
        return test.get(number) ? "test" : validation.get(number) ? "validation" : "train";
    }

    /** Visits the rows for validation and test. All others are for training. */
    public void forEach(Visitor visitor) throws IOException {
        int number = next(0);
        while (number >= 0) {
            visitor.visit(number, of(number));
            number = next(number + 1);
        }
    }

    private int next(int from) {
        int one = validation.nextSetBit(from);
        int other = test.nextSetBit(from);
        return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
    }
}
