package dev.anneal.evaluation.linear;

import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Training texts as vectors of their words and pairs of words, and the linear models that can be fitted to them: what
 * {@code TfidfVectorizer(ngram_range=(1, 2))} with {@code LogisticRegression()} or {@code Ridge()} of scikit-learn computes.
 *
 * <p>Memory and time are bounded: of very many texts, evenly spread ones are used, and of very many words the most common ones.
 */
public final class TfIdf {
    private static final int MOST_ROWS = 100_000;
    /** The most grams that are counted, at 24 bytes each. */
    private static final int MOST_COUNTED = 2_000_000;
    /** The most weights of a model: its search for the minimum takes 17 numbers for each. */
    private static final int MOST_WEIGHTS = 1_500_000;

    private static final int MOST_GRAMS = 500_000;
    /** The most products of a weight and a count in one pass over the rows. */
    private static final long MOST_PRODUCTS = 50_000_000;

    private static final double TOLERANCE = 1e-5;

    /** Texts in a fixed order, which can be read several times. */
    public interface Texts {
        void forEach(Visitor visitor) throws IOException;
    }

    /** Receives a text. */
    public interface Visitor {
        void accept(String text) throws IOException;
    }

    /** A fitted model: the probability of each label, or a number, for a text. */
    public static final class Fitted {
        private final Vocabulary vocabulary;
        private final LinearFits.Fit fit;

        private Fitted(Vocabulary vocabulary, LinearFits.Fit fit) {
            this.vocabulary = vocabulary;
            this.fit = fit;
        }

        public double[] scores(String text) {
            return fit.scores(vocabulary.vector(text));
        }

        /** Returns whether the search for the minimum reached it. */
        public boolean isConverged() {
            return fit.isConverged();
        }
    }

    private final Vocabulary vocabulary;
    private final SparseRows rows;
    private final int step;
    private final LinearFits fits;

    private TfIdf(Vocabulary vocabulary, SparseRows rows, int step, double tolerance, Runnable check) {
        this.vocabulary = vocabulary;
        this.rows = rows;
        this.step = step;
        this.fits = new LinearFits(rows, vocabulary.size(), tolerance, check);
    }

    /**
     * Reads training texts.
     *
     * @param outputs the number of labels, 1 for numbers
     * @param directory gets a file with the vectors, which has no name any more when this returns
     * @param check is run often, and may throw an exception to end the work
     */
    public static TfIdf of(Texts texts, int outputs, Path directory, Runnable check) throws IOException {
        return of(texts, outputs, directory, TOLERANCE, check);
    }

    static TfIdf of(Texts texts, int outputs, Path directory, double tolerance, Runnable check) throws IOException {
        Vocabulary.Counter counter = new Vocabulary.Counter(MOST_COUNTED);
        texts.forEach(text -> {
            counter.add(text);
            check.run();
        });
        Vocabulary vocabulary = counter.vocabulary(Math.min(MOST_GRAMS, MOST_WEIGHTS / outputs));
        int step = step(counter.texts(), counter.entries(), outputs);
        try (SparseRows.Writer writer = new SparseRows.Writer(directory)) {
            long[] next = {0};
            texts.forEach(text -> {
                if (next[0]++ % step == 0) {
                    writer.add(vocabulary.vector(text));
                    check.run();
                }
            });
            return new TfIdf(vocabulary, writer.rows(), step, tolerance, check);
        }
    }

    /** Returns the distance of the rows that are used, so that they are few enough. */
    private static int step(long texts, long entries, int outputs) {
        long products = Math.max(1, Math.min(SparseRows.MOST_ENTRIES, MOST_PRODUCTS / outputs));
        long step = Math.max(1, Math.max(up(texts, MOST_ROWS), up(entries, products)));
        return (int) Math.min(step, Math.max(1, texts / 2));
    }

    private static long up(long number, long by) {
        return (number + by - 1) / by;
    }

    /** Returns the number of the rows that are used. */
    public int rows() {
        return rows.rows();
    }

    /** Returns which text a used row is, counted from 0. */
    public int text(int row) {
        return row * step;
    }

    /** Returns the number of words and pairs of words that are used. */
    public int grams() {
        return vocabulary.size();
    }

    /** Fits a model of rows that have one label each, given by its number. */
    public Fitted labels(int[] labels, int count) {
        return new Fitted(vocabulary, fits.labels(labels, count, new BitSet()));
    }

    /** Fits a model of rows that have any number of labels: {@code rowsOfLabel} has those rows that have a label. */
    public Fitted labelSets(BitSet[] rowsOfLabel) {
        return new Fitted(vocabulary, fits.labelSets(rowsOfLabel));
    }

    /** Fits a model of rows that have numbers. */
    public Fitted numbers(double[] numbers) {
        return new Fitted(vocabulary, fits.numbers(numbers));
    }

    /**
     * Returns the probabilities of the labels of each row by a model that was fitted without it: the rows are dealt out into folds,
     * those of each label in turn.
     */
    public double[][] outOfFold(int[] labels, int count, int folds) {
        int[] fold = folds(labels, count, folds);
        double[][] scores = new double[labels.length][];
        for (int k = 0; k < folds; k++) {
            int left = k;
            BitSet leftOut = new BitSet();
            IntStream.range(0, labels.length).filter(row -> fold[row] == left).forEach(leftOut::set);
            if (leftOut.isEmpty()) {
                continue;
            }
            LinearFits.Fit model = fits.labels(labels, count, leftOut);
            leftOut.stream().forEach(row -> scores[row] = model.scores(rows, row));
        }
        return scores;
    }

    /** Deals the rows of each label out in turn, in a fixed order that does not follow that of the file. */
    static int[] folds(int[] labels, int count, int folds) {
        int[][] seen = new int[count][];
        int[] next = new int[count];
        int[] fold = new int[labels.length];
        SplittableRandom random = new SplittableRandom(42);
        for (int row = 0; row < labels.length; row++) {
            int label = labels[row];
            if (seen[label] == null || next[label] == folds) {
                seen[label] = shuffled(folds, random);
                next[label] = 0;
            }
            fold[row] = seen[label][next[label]++];
        }
        return fold;
    }

    private static int[] shuffled(int count, SplittableRandom random) {
        int[] numbers = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int swapped = numbers[i];
            numbers[i] = numbers[other];
            numbers[other] = swapped;
        }
        return numbers;
    }
}
