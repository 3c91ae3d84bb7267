package dev.anneal.evaluation.linear;

import java.util.function.IntPredicate;

/** A table from hashes that are not 0 to numbers, with open addressing. It grows with its content. */
final class GramTable {
    /** Receives an entry. */
    interface Entries {
        void accept(long gram, int value);
    }

    private long[] grams;
    private int[] values;
    private int size;

    GramTable() {
        this(1 << 12);
    }

    private GramTable(int places) {
        grams = new long[places];
        values = new int[places];
    }

    int size() {
        return size;
    }

    /** Returns the number of a hash, or -1. */
    int get(long gram) {
        int place = place(gram);
        return grams[place] == 0 ? -1 : values[place];
    }

    void put(long gram, int value) {
        int place = place(gram);
        if (grams[place] == 0) {
            grams[place] = gram;
            size++;
        }
        values[place] = value;
        if (size > grams.length / 2) {
            copy(2 * grams.length, kept -> true);
        }
    }

    /** Adds 1 to the number of a hash, which is 0 at first. */
    void increment(long gram) {
        int place = place(gram);
        if (grams[place] == 0) {
            put(gram, 1);
        } else {
            values[place]++;
        }
    }

    /** Removes the entries whose number a predicate does not keep. */
    void keep(IntPredicate kept) {
        copy(grams.length, kept);
    }

    void forEach(Entries entries) {
        for (int place = 0; place < grams.length; place++) {
            if (grams[place] != 0) {
                entries.accept(grams[place], values[place]);
            }
        }
    }

    private int place(long gram) {
        int mask = grams.length - 1;
        int place = (int) gram & mask;
        while (grams[place] != 0 && grams[place] != gram) {
            place = place + 1 & mask;
        }
        return place;
    }

    private void copy(int places, IntPredicate kept) {
        GramTable copy = new GramTable(places);
        forEach((gram, value) -> {
            if (kept.test(value)) {
                copy.put(gram, value);
            }
        });
        grams = copy.grams;
        values = copy.values;
        size = copy.size;
    }
}
