package dev.anneal.dataset.duplicate;

import java.util.BitSet;

/**
 * The rows of one side, by their numbers: those for validation and test. All others are on the other side, for training, or they
 * are left out.
 */
public final class Sides {
    private final BitSet evaluation = new BitSet();
    private final BitSet leftOut = new BitSet();

    public void evaluate(int number) {
        evaluation.set(number);
    }

    public void leaveOut(int number) {
        leftOut.set(number);
    }

    public boolean isLeftOut(int number) {
        return leftOut.get(number);
    }

    public BitSet leftOut() {
        return leftOut;
    }

    public boolean isEvaluation(int number) {
        return evaluation.get(number);
    }
}
