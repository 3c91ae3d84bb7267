package dev.anneal.dataset.duplicate;

import java.util.Arrays;

/**
 * The runs of {@value #SIZE} characters that occur in a folded text, as hashes. Only the first {@value #MAX_CHARACTERS}
 * characters of a text count, so that a long text takes bounded time.
 */
final class Shingles {
    static final int SIZE = 5;
    static final int MAX_CHARACTERS = 50_000;
    /** Texts that somebody made for it have many hashes that are nearly the same. */
    private static final int LARGE_PART = 32;

    private static final int BASE = 0x01000193;
    private static final int OLDEST = power(SIZE);

    private Shingles() {}

    /** Returns the hashes in the order of the text. A text that is shorter than a run is one run. */
    static int[] of(CharSequence folded) {
        int length = Math.min(folded.length(), MAX_CHARACTERS);
        if (length == 0) {
            return new int[0];
        }
        int size = Math.min(SIZE, length);
        int[] hashes = new int[length - size + 1];
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash = hash * BASE + folded.charAt(i) + 1;
            if (i >= SIZE) {
                hash -= (folded.charAt(i - SIZE) + 1) * OLDEST;
            }
            if (i >= size - 1) {
                hashes[i - size + 1] = mix(hash);
            }
        }
        return hashes;
    }

    /** Returns each hash once, sorted. */
    static int[] set(CharSequence folded) {
        int[] hashes = sorted(of(folded));
        int count = 0;
        for (int i = 0; i < hashes.length; i++) {
            if (i == 0 || hashes[i] != hashes[i - 1]) {
                hashes[count++] = hashes[i];
            }
        }
        return count == hashes.length ? hashes : Arrays.copyOf(hashes, count);
    }

    /** Returns the hashes in order. They are spread evenly, so each is put near its place, and then moved to it. */
    private static int[] sorted(int[] hashes) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(hashes.length);
        int shift = Integer.SIZE - bits;
        int[] ends = new int[(1 << bits) + 1];
        for (int hash : hashes) {
            ends[((hash ^ Integer.MIN_VALUE) >>> shift) + 1]++;
        }
        for (int part = 1; part < ends.length; part++) {
            ends[part] += ends[part - 1];
        }
        int[] sorted = new int[hashes.length];
        for (int hash : hashes) {
            sorted[ends[(hash ^ Integer.MIN_VALUE) >>> shift]++] = hash;
        }
        for (int part = 0, from = 0; part < ends.length - 1; from = ends[part++]) {
            if (ends[part] - from > LARGE_PART) {
                Arrays.sort(sorted, from, ends[part]);
            } else {
                insert(sorted, from, ends[part]);
            }
        }
        return sorted;
    }

    /** Sorts a few numbers. */
    private static void insert(int[] numbers, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            int moved = numbers[i];
            int place = i;
            for (; place > from && numbers[place - 1] > moved; place--) {
                numbers[place] = numbers[place - 1];
            }
            numbers[place] = moved;
        }
    }

    /** Returns the share of the runs of either set that both have. */
    static double jaccard(int[] a, int[] b) {
        int both = 0;
        for (int i = 0, j = 0; i < a.length && j < b.length; ) {
            if (a[i] == b[j]) {
                both++;
                i++;
                j++;
            } else if (a[i] < b[j]) {
                i++;
            } else {
                j++;
            }
        }
        int either = a.length + b.length - both;
        return either == 0 ? 0 : (double) both / either;
    }

    private static int power(int exponent) {
        int result = 1;
        for (int i = 0; i < exponent; i++) {
            result *= BASE;
        }
        return result;
    }

    static int mix(int hash) {
        int h = hash;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return h ^ (h >>> 16);
    }
}
