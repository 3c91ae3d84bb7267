package dev.anneal.dataset.check;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Counts something of each row, by its number. Needs one bit for a row with a count of 1, two for a count of 2 or 3, and so on. */
final class BitCounts {
    private final List<BitSet> digits = new ArrayList<>();

    /** Adds 1 to the count of a row. */
    void add(int number) {
        for (BitSet digit : digits) {
            digit.flip(number);
            if (digit.get(number)) {
                return;
            }
        }
        BitSet digit = new BitSet();
        digit.set(number);
        digits.add(digit);
    }

    /** Returns the sum of all counts, apart from those of some rows. */
    long sum(BitSet without) {
        long sum = 0;
        for (int i = 0; i < digits.size(); i++) {
            BitSet counted = (BitSet) digits.get(i).clone();
            counted.andNot(without);
            sum += (long) counted.cardinality() << i;
        }
        return sum;
    }
}
