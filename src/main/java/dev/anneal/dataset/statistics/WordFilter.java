package dev.anneal.dataset.statistics;

/**
 * A set of words in 8 MB (a Bloom filter). It says that it has each word that was added, and of five million words wrongly of one
 * other in 250.
 */
final class WordFilter {
    private static final int HASHES = 4;
    private static final int BITS = 26;

    private final long[] bits = new long[1 << BITS - 6];

    void add(String word) {
        long hash = hash(word);
        for (int i = 0; i < HASHES; i++) {
            int bit = bit(hash, i);
            bits[bit >>> 6] |= 1L << bit;
        }
    }

    boolean has(String word) {
        long hash = hash(word);
        for (int i = 0; i < HASHES; i++) {
            int bit = bit(hash, i);
            if ((bits[bit >>> 6] & 1L << bit) == 0) {
                return false;
            }
        }
        return true;
    }

    private static int bit(long hash, int i) {
        return (int) hash + i * (int) (hash >>> 32) & (1 << BITS) - 1;
    }

    private static long hash(String text) {
        long h = 0x9e3779b97f4a7c15L;
        for (int i = 0; i < text.length(); i++) {
            h = (h ^ text.charAt(i)) * 0xff51afd7ed558ccdL;
            h ^= h >>> 32;
        }
        h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
        return h ^ h >>> 29;
    }
}
