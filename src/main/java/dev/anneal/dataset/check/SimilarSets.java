package dev.anneal.dataset.check;

import java.util.Arrays;

/**
 * Sets of shingles, among which one is found that is similar to another set. Two similar sets share one of their rarest shingles:
 * of n shingles, those that may lack in the other set, and one more. The rarest one that they share must come early in both, so
 * that enough others follow. So few sets must be compared, even if all texts have much in common. This is the prefix filter with
 * positions of Xiao and others (PPJoin, 2008). Holds about {@value #ROOM} shingles.
 */
final class SimilarSets {
    static final int NONE = -1;
    private static final int ROOM = 1 << 20;
    /** Up to so many sets, all are compared. */
    static final int FEW = 8;
    /** The work that is counted for each shingle that is sorted. */
    private static final int SORTING = 8;

    private static final int COUNTERS = 1 << 16;
    private static final int FIRST = 1 << 10;

    private final double similarity;
    private int[][] sets = new int[FEW][];
    private int[] rows = new int[FEW];
    private int[] seen = new int[FEW];
    private int size;
    private int held;
    private int finds;
    private long work;
    private double found;

    /** The number of sets that have a shingle, roughly. It only decides which shingles count as rare. */
    private final int[] counts = new int[COUNTERS];

    private boolean sampled;
    /** A hash table from a rare shingle to the last of its entries. An entry is a set with it, its place there, and the next entry. */
    private int[] keys = new int[FIRST];

    private int[] last = new int[FIRST];
    private int used;
    private int[] entrySets = new int[FIRST];
    private int[] entryPlaces = new int[FIRST];
    private int[] next = new int[FIRST];
    private int entries = 1;

    SimilarSets(double similarity) {
        this.similarity = similarity;
    }

    /** Forgets all sets. */
    void clear() {
        if (size > FEW) {
            keys = new int[FIRST];
            last = new int[FIRST];
            used = 0;
        }
        if (sampled) {
            Arrays.fill(counts, 0);
            sampled = false;
        }
        Arrays.fill(sets, 0, size, null);
        entries = 1; // 0 is no entry
        size = 0;
        held = 0;
    }

    /** Counts the shingles of a set, to tell which ones are rare. Must be called before sets are added, for some of them. */
    void sample(int[] set) {
        sampled = true;
        for (int shingle : set) {
            counts[shingle >>> 16]++;
        }
    }

    boolean isFull() {
        return held >= ROOM;
    }

    /** Adds the set of a row. */
    void add(int row, int[] set) {
        if (size == rows.length) {
            rows = Arrays.copyOf(rows, size * 2);
            seen = Arrays.copyOf(seen, size * 2);
            sets = Arrays.copyOf(sets, size * 2);
        }
        rows[size] = row;
        sets[size++] = set;
        held += set.length;
        if (size == FEW + 1) {
            for (int i = 0; i < size; i++) {
                enter(i);
            }
        } else if (size > FEW) {
            enter(size - 1);
        }
    }

    private void enter(int index) {
        int[] rarest = rarest(sets[index]);
        for (int i = 0; i < rarest.length; i++) {
            if (used * 2 >= keys.length) {
                grow();
            }
            if (entries == next.length) {
                next = Arrays.copyOf(next, entries * 2);
                entrySets = Arrays.copyOf(entrySets, entries * 2);
                entryPlaces = Arrays.copyOf(entryPlaces, entries * 2);
            }
            int place = place(rarest[i]);
            int before = last[place];
            entrySets[entries] = index;
            entryPlaces[entries] = i;
            if (before == 0) {
                keys[place] = rarest[i];
                used++;
                next[entries] = entries;
            } else {
                next[entries] = next[before];
                next[before] = entries;
            }
            last[place] = entries++;
        }
    }

    private int place(int shingle) {
        int place = Shingles.mix(shingle) & keys.length - 1;
        while (last[place] != 0 && keys[place] != shingle) {
            place = place + 1 & keys.length - 1;
        }
        return place;
    }

    private void grow() {
        int[] oldKeys = keys;
        int[] oldLast = last;
        keys = new int[oldKeys.length * 2];
        last = new int[oldKeys.length * 2];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldLast[i] != 0) {
                int place = place(oldKeys[i]);
                keys[place] = oldKeys[i];
                last[place] = oldLast[i];
            }
        }
    }

    /** Returns the shingles of which a similar set has at least one among its own rarest ones. */
    private int[] rarest(int[] set) {
        long[] ordered = new long[set.length];
        for (int i = 0; i < set.length; i++) {
            ordered[i] = (long) counts[set[i] >>> 16] << 32 | set[i] & 0xffffffffL;
        }
        Arrays.sort(ordered);
        work += (long) SORTING * set.length;
        int[] rarest = new int[set.length - (int) Math.ceil(similarity * set.length - 1e-6) + 1];
        for (int i = 0; i < rarest.length; i++) {
            rarest[i] = (int) ordered[i];
        }
        return rarest;
    }

    /** Returns the row of a similar set, or {@link #NONE}. */
    int find(int[] set) {
        if (size <= FEW) {
            for (int i = 0; i < size; i++) {
                if (isSimilar(sets[i], set)) {
                    return rows[i];
                }
            }
            return NONE;
        }
        finds++;
        int[] rarest = rarest(set);
        for (int i = 0; i < rarest.length; i++) {
            int end = last[place(rarest[i])];
            int entry = end;
            while (entry != 0) {
                entry = next[entry];
                int index = entrySets[entry];
                work++;
                if (seen[index] != finds) {
                    seen[index] = finds;
                    if (mayBeSimilar(sets[index], entryPlaces[entry], set, i) && isSimilar(sets[index], set)) {
                        return rows[index];
                    }
                }
                entry = entry == end ? 0 : entry;
            }
        }
        return NONE;
    }

    /** Returns whether enough shingles follow the rarest one that both sets have. */
    private boolean mayBeSimilar(int[] a, int placeInA, int[] b, int placeInB) {
        double wanted = similarity / (1 + similarity) * (a.length + b.length);
        return Math.min(a.length - placeInA, b.length - placeInB) >= wanted - 1e-6;
    }

    private boolean isSimilar(int[] a, int[] b) {
        if (Math.min(a.length, b.length) < similarity * Math.max(a.length, b.length) - 1e-6) {
            return false;
        }
        work += a.length + b.length;
        found = Shingles.jaccard(a, b);
        return found >= similarity;
    }

    /** Returns the similarity of the set that was found last. */
    double similarity() {
        return found;
    }

    /** Returns the work since the last call, about in numbers that were read. */
    long takeWork() {
        long taken = work;
        work = 0;
        return taken;
    }
}
