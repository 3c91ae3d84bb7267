package dev.anneal.dataset.duplicate;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sets of shingles, among which one is found that is similar to another set. An index leads from a shingle to the sets that have
 * it, so that the shingles in common are counted without reading the sets again. Shingles that many of the sets have, such as
 * those of a common beginning, are not in the index: they are bits. Of all sets with the same bits, only the smallest one is
 * compared by them, because the others have the same in common and are less similar. So a common beginning costs nothing for each
 * set.
 */
final class SimilarSets {
    static final int NONE = -1;
    /** Up to so many sets, all are compared, and there is no index. */
    static final int FEW = 16;
    /** The ints that the sets may take: 16 MB. */
    static final int ROOM = 1 << 22;
    /** A shingle is common if one of so many sets has it. Then a bit for each set takes less time than a list of sets. */
    private static final int COMMON = 8;
    /** The ints that a new shingle, a shingle of a set and a set need in the arrays, which are half empty. */
    private static final int NEW = 12;

    private static final int ENTRY = 4;
    private static final int SET = 16;
    /** The work that is counted for each shingle that is looked up. */
    private static final int LOOKING_UP = 4;

    private static final int FIRST = 1 << 10;
    private static final int[] NOTHING = {};

    /** The common shingles of some sets. */
    private static final class Common {
        private final long[] bits;
        private final int count;
        private int smallest;

        Common(long[] bits, int count, int smallest) {
            this.bits = bits;
            this.count = count;
            this.smallest = smallest;
        }
    }

    private final double similarity;
    private long work;
    private long held;

    private int size;
    private int[] rows = new int[FEW];
    private int[] sizes = new int[FEW];
    /** The sets themselves, while they are few. */
    private final int[][] few = new int[FEW][];

    private int[] sampled = new int[FIRST];
    private int sampledShingles;
    private int sampledSets;

    private Common[] commons = new Common[FEW];
    private final Map<LongBuffer, Common> byBits = new HashMap<>();
    private final List<Common> different = new ArrayList<>();
    private long[] bits = {};

    /**
     * A hash table from a shingle to the last of its entries, and to their number; or to a bit, as a negative number, if it is
     * common. An entry is a set, and the entry before.
     */
    private int[] keys = new int[FIRST];

    private int[] values = new int[FIRST];
    private int[] lengths = new int[FIRST];
    private int used;
    private int[] entrySets = new int[FIRST];
    private int[] before = new int[FIRST];
    private int entries = 1; // 0 is no entry

    /** The shingles of a set that is compared and the index knows: their number of entries, and their place in the table. */
    private long[] known = new long[FIRST];

    private int[] counts = new int[FEW];
    private int[] touched = new int[FEW];

    SimilarSets(double similarity) {
        this.similarity = similarity;
    }

    /** Forgets all sets. */
    void clear() {
        if (size > FEW) {
            keys = new int[FIRST];
            values = new int[FIRST];
            lengths = new int[FIRST];
            entrySets = new int[FIRST];
            before = new int[FIRST];
            used = 0;
            entries = 1;
            Arrays.fill(commons, null);
            byBits.clear();
            different.clear();
        }
        Arrays.fill(few, NOTHING);
        sampledShingles = 0;
        sampledSets = 0;
        size = 0;
        held = 0;
    }

    /** Reads a set, to tell which shingles are common. This must be done for some of the sets before they are added. */
    void sample(int[] set) {
        if (sampledShingles + set.length > sampled.length) {
            sampled = Arrays.copyOf(sampled, Math.max(sampledShingles + set.length, sampled.length * 2));
        }
        System.arraycopy(set, 0, sampled, sampledShingles, set.length);
        sampledShingles += set.length;
        sampledSets++;
    }

    /** Returns whether there is room for a set. There always is for the first one. */
    boolean fits(int[] set) {
        if (size == 0) {
            return true;
        }
        if (size < FEW) {
            return held + set.length <= ROOM;
        }
        long indexed = size == FEW ? held * (ENTRY + NEW) + FEW * most(bits.length) : held;
        return indexed + (long) (ENTRY + NEW) * set.length + most(bits.length) <= ROOM;
    }

    /** Returns the most ints that a set needs besides its shingles. */
    private static long most(int bits) {
        return 2L * bits + 2 * SET;
    }

    /** Adds the set of a row, which fits. */
    void add(int row, int[] set) {
        if (size == rows.length) {
            rows = Arrays.copyOf(rows, size * 2);
            sizes = Arrays.copyOf(sizes, size * 2);
            commons = Arrays.copyOf(commons, size * 2);
            counts = new int[size * 2];
            touched = new int[size * 2];
        }
        rows[size] = row;
        sizes[size] = set.length;
        if (size == FEW) {
            held = 0;
            findCommon();
            for (int i = 0; i < FEW; i++) {
                enter(i, few[i]);
                few[i] = NOTHING;
            }
        }
        if (size < FEW) {
            few[size] = set;
            held += set.length;
        } else {
            enter(size, set);
        }
        size++;
    }

    /** Gives each shingle that many of the sampled sets have a bit. */
    private void findCommon() {
        Arrays.sort(sampled, 0, sampledShingles);
        work += (long) LOOKING_UP * sampledShingles;
        int least = Math.max(2, (sampledSets + COMMON - 1) / COMMON);
        int common = 0;
        for (int from = 0, to; from < sampledShingles; from = to) {
            for (to = from + 1; to < sampledShingles && sampled[to] == sampled[from]; ) {
                to++;
            }
            if (to - from >= least) {
                growIfFull();
                int place = place(sampled[from]);
                keys[place] = sampled[from];
                values[place] = ~common++;
                used++;
                held += NEW;
            }
        }
        bits = new long[(common + 63) / 64];
    }

    private void enter(int index, int[] set) {
        Arrays.fill(bits, 0);
        int common = 0;
        for (int shingle : set) {
            growIfFull();
            int place = place(shingle);
            if (values[place] < 0) {
                common++;
                setBit(~values[place]);
            } else {
                enter(index, shingle, place);
            }
        }
        work += (long) LOOKING_UP * set.length + bits.length;
        Common same = byBits.get(LongBuffer.wrap(bits));
        if (same == null) {
            same = new Common(bits.clone(), common, index);
            byBits.put(LongBuffer.wrap(same.bits), same);
            different.add(same);
            held += 2L * bits.length + SET;
        } else if (set.length < sizes[same.smallest]) {
            same.smallest = index;
        }
        commons[index] = same;
        held += SET;
    }

    private void enter(int index, int shingle, int place) {
        if (entries == before.length) {
            entrySets = Arrays.copyOf(entrySets, entries * 2);
            before = Arrays.copyOf(before, entries * 2);
        }
        if (values[place] == 0) {
            keys[place] = shingle;
            used++;
            held += NEW;
        }
        entrySets[entries] = index;
        before[entries] = values[place];
        values[place] = entries++;
        lengths[place]++;
        held += ENTRY;
    }

    private void setBit(int bit) {
        bits[bit >>> 6] |= 1L << bit;
    }

    private int place(int shingle) {
        int place = Shingles.mix(shingle) & keys.length - 1;
        while (values[place] != 0 && keys[place] != shingle) {
            place = place + 1 & keys.length - 1;
            work++; // shingles can be chosen so that they all have one place
        }
        return place;
    }

    private void growIfFull() {
        if (used * 2 < keys.length) {
            return;
        }
        int[] oldKeys = keys;
        int[] oldValues = values;
        int[] oldLengths = lengths;
        keys = new int[oldKeys.length * 2];
        values = new int[oldKeys.length * 2];
        lengths = new int[oldKeys.length * 2];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] != 0) {
                int place = place(oldKeys[i]);
                keys[place] = oldKeys[i];
                values[place] = oldValues[i];
                lengths[place] = oldLengths[i];
            }
        }
    }

    /** Returns the row of a similar set, or {@link #NONE}. */
    int find(int[] set) {
        int index = size <= FEW ? findFew(set) : findMany(set);
        return index == NONE ? NONE : rows[index];
    }

    private int findFew(int[] set) {
        for (int i = 0; i < size; i++) {
            if (mayBeSimilar(Math.min(sizes[i], set.length), sizes[i], set.length)) {
                work += sizes[i] + set.length;
                if (Shingles.jaccard(few[i], set) >= similarity) {
                    return i;
                }
            }
        }
        return NONE;
    }

    private int findMany(int[] set) {
        if (known.length < set.length) {
            known = new long[Math.max(set.length, known.length * 2)];
        }
        Arrays.fill(bits, 0);
        int common = 0;
        int count = 0;
        for (int shingle : set) {
            int place = place(shingle);
            if (values[place] < 0) {
                common++;
                setBit(~values[place]);
            } else if (values[place] > 0) {
                known[count++] = (long) lengths[place] << 32 | place;
            }
        }
        work += (long) LOOKING_UP * set.length + bits.length + different.size();
        int index = findByCommon(set.length, common);
        return index != NONE ? index : findByOthers(set.length, common, count);
    }

    /** Looks for a set that has enough of the common shingles. */
    private int findByCommon(int length, int common) {
        for (Common other : different) {
            int size = sizes[other.smallest];
            if (mayBeSimilar(Math.min(common, other.count), length, size) && isSimilar(both(other), length, size)) {
                return other.smallest;
            }
        }
        return NONE;
    }

    /**
     * Looks for a set that has other shingles, too. A similar set lacks only few: so it has one of any so many and one more, for
     * which those with the fewest entries are taken.
     */
    private int findByOthers(int length, int common, int count) {
        int needed = Math.max(1, (int) Math.ceil(similarity * length - 1e-6) - common);
        int first = count - needed + 1;
        if (first <= 0) {
            return NONE;
        }
        Arrays.sort(known, 0, count);
        int found = 0;
        for (int i = 0; i < count && (i < first || found > 0); i++) {
            for (int entry = values[(int) known[i]]; entry > 0; entry = before[entry]) {
                int index = entrySets[entry];
                if (counts[index] > 0) {
                    counts[index]++;
                } else if (i < first) {
                    counts[index] = 1;
                    touched[found++] = index;
                }
            }
            work += known[i] >>> 32;
        }
        work += found;
        int similar = NONE;
        for (int i = 0; i < found; i++) {
            int index = touched[i];
            int others = counts[index];
            counts[index] = 0;
            Common other = commons[index];
            if (similar == NONE
                    && mayBeSimilar(others + Math.min(common, other.count), length, sizes[index])
                    && isSimilar(others + both(other), length, sizes[index])) {
                similar = index;
            }
        }
        return similar;
    }

    /** Returns how many common shingles sets have that the set that is compared has, too. */
    private int both(Common other) {
        int both = 0;
        for (int i = 0; i < bits.length; i++) {
            both += Long.bitCount(bits[i] & other.bits[i]);
        }
        work += bits.length;
        return both;
    }

    /** Returns whether so many shingles in common could be enough, without a division. */
    private boolean mayBeSimilar(int both, int a, int b) {
        return both * (1 + similarity) >= similarity * (a + b) - 1e-6;
    }

    private boolean isSimilar(int both, int a, int b) {
        return (double) both / (a + b - both) >= similarity;
    }

    /** Returns the work since the last call, about in numbers that were read. */
    long takeWork() {
        long taken = work;
        work = 0;
        return taken;
    }
}
