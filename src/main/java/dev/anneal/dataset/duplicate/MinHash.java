package dev.anneal.dataset.duplicate;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * MinHash signatures in {@value #BANDS} bands. Two texts are compared if they agree in a whole band. The number of hashes in a
 * band follows from the similarity that must be found, so that at least 98 of 100 such pairs agree in one.
 */
final class MinHash {
    static final int BANDS = 16;
    private static final int MAX_ROWS = 8;
    private static final double MISSED = 0.02;

    private final int rows;
    private final int[] factors;
    private final int[] terms;
    private final int[] least;

    MinHash(double similarity) {
        double share = 1 - Math.pow(MISSED, 1.0 / BANDS);
        this.rows = similarity >= 1
                ? MAX_ROWS
                : (int) Math.max(1, Math.min(MAX_ROWS, Math.floor(Math.log(share) / Math.log(similarity) + 1e-9)));
        SplittableRandom random = new SplittableRandom(42);
        this.factors = random.ints(BANDS * rows).map(i -> i | 1).toArray();
        this.terms = random.ints(BANDS * rows).toArray();
        this.least = new int[BANDS * rows];
    }

    /** Returns a key for each band. The array must not be empty. */
    int[] keys(int[] shingles) {
        Arrays.fill(least, Integer.MAX_VALUE);
        for (int shingle : shingles) {
            add(shingle);
        }
        int[] keys = new int[BANDS];
        for (int band = 0; band < BANDS; band++) {
            int key = 0;
            for (int i = band * rows; i < (band + 1) * rows; i++) {
                key = Shingles.mix(key * 31 + least[i]);
            }
            keys[band] = key;
        }
        return keys;
    }

    /**
     * Takes the minimum of 31 bits by arithmetic, which the compiler turns into vector instructions. It does so with Math.min of
     * integers only from Java 20 on.
     */
    private void add(int shingle) {
        for (int i = 0; i < least.length; i++) {
            int difference = (shingle * factors[i] + terms[i] >>> 1) - least[i];
            least[i] += difference & difference >> 31;
        }
    }
}
