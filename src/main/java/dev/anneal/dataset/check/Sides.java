package dev.anneal.dataset.check;

import java.util.BitSet;

/** The rows of one side, by their numbers: those for validation and test. All others are on the other side, for training. */
public final class Sides {
    private final BitSet evaluation = new BitSet();

    public void evaluate(int number) {
        evaluation.set(number);
    }

    public boolean isEvaluation(int number) {
        return evaluation.get(number);
    }
}
