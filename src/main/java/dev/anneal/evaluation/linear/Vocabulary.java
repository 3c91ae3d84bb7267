package dev.anneal.evaluation.linear;

import java.util.Arrays;

/**
 * The words and pairs of words of texts, with their weights. A text becomes a vector as {@code TfidfVectorizer(ngram_range=(1, 2))}
 * of scikit-learn makes it: counts, times {@code ln((1 + texts) / (1 + texts with the gram)) + 1}, divided by the length of the vector.
 */
final class Vocabulary {
    /** The numbers of the grams of a text in ascending order, and their weights. */
    record Vector(int[] grams, float[] weights) {}

    private final GramTable numbers;
    private final float[] idf;

    private Vocabulary(GramTable numbers, float[] idf) {
        this.numbers = numbers;
        this.idf = idf;
    }

    int size() {
        return idf.length;
    }

    Vector vector(String text) {
        long[] all = WordGrams.of(text);
        long[] found = new long[all.length]; // the number of the gram, then its count
        int size = 0;
        for (int from = 0; from < all.length; ) {
            int to = from + 1;
            while (to < all.length && all[to] == all[from]) {
                to++;
            }
            int number = numbers.get(all[from]);
            if (number >= 0) {
                found[size++] = (long) number << 32 | to - from;
            }
            from = to;
        }
        Arrays.sort(found, 0, size);
        int[] grams = new int[size];
        double[] weights = new double[size];
        double squares = 0;
        for (int i = 0; i < size; i++) {
            grams[i] = (int) (found[i] >>> 32);
            weights[i] = (int) found[i] * (double) idf[grams[i]];
            squares += weights[i] * weights[i];
        }
        float[] normed = new float[size];
        for (int i = 0; i < size; i++) {
            normed[i] = (float) (weights[i] / Math.sqrt(squares));
        }
        return new Vector(grams, normed);
    }

    /**
     * Counts the texts that contain each gram. If there are too many grams for the memory, those in the fewest texts so far are
     * forgotten; they begin again with 0.
     */
    static final class Counter {
        private final int mostCounted;
        private final GramTable counts = new GramTable();
        private long texts;
        private long entries;

        Counter(int mostCounted) {
            this.mostCounted = mostCounted;
        }

        void add(String text) {
            texts++;
            long[] all = WordGrams.of(text);
            for (int i = 0; i < all.length; i++) {
                if (i == 0 || all[i] != all[i - 1]) {
                    entries++;
                    counts.increment(all[i]);
                    if (counts.size() > mostCounted) {
                        forget();
                    }
                }
            }
        }

        /** Forgets at least a tenth, so that this does not happen all the time. */
        private void forget() {
            for (int most = 1; counts.size() > 0.9 * mostCounted; most++) {
                int least = most;
                counts.keep(count -> count > least);
            }
        }

        long texts() {
            return texts;
        }

        /** Returns how many entries the vectors of all texts would have with all grams. */
        long entries() {
            return entries;
        }

        /** Returns the vocabulary of the grams that occur in the most texts. The order of the rows does not matter for it. */
        Vocabulary vocabulary(int mostGrams) {
            long[] ranked = new long[counts.size()];
            int[] next = {0};
            int[] ofRank = new int[counts.size()];
            counts.forEach((gram, count) -> ranked[next[0]++] = gram);
            Arrays.sort(ranked);
            int least = least(mostGrams);
            int above = 0;
            for (long gram : ranked) {
                above += counts.get(gram) > least ? 1 : 0;
            }
            GramTable numbers = new GramTable();
            int ties = Math.min(mostGrams, ranked.length) - above;
            int size = 0;
            for (long gram : ranked) {
                int count = counts.get(gram);
                if (count > least || count == least && ties-- > 0) {
                    ofRank[size] = count;
                    numbers.put(gram, size++);
                }
            }
            float[] idf = new float[size];
            for (int i = 0; i < size; i++) {
                idf[i] = (float) (Math.log((1.0 + texts) / (1.0 + ofRank[i])) + 1);
            }
            return new Vocabulary(numbers, idf);
        }

        /** Returns the number of texts that the rarest of so many grams occurs in. */
        private int least(int mostGrams) {
            int[] sorted = new int[counts.size()];
            int[] next = {0};
            counts.forEach((gram, count) -> sorted[next[0]++] = count);
            Arrays.sort(sorted);
            return sorted.length == 0 ? 0 : sorted[Math.max(0, sorted.length - mostGrams)];
        }
    }
}
