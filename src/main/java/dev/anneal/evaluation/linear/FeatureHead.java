package dev.anneal.evaluation.linear;

import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Linear models of vectors that another model makes of texts: what {@code StandardScaler} with {@code LogisticRegression()} or
 * {@code Ridge()} of scikit-learn computes.
 */
public final class FeatureHead {
    /** The most training rows that a head is fitted on, and the most rows that it predicts. */
    public static final int MOST_ROWS = 2_000;

    /** The time for the vectors and the fit, in seconds. */
    public static final int SECONDS = 120;

    /** The most weights of a model: its search for the minimum takes 17 numbers for each. */
    public static final int MOST_WEIGHTS = 1_500_000;

    private static final double TOLERANCE = 1e-5;

    /** A fitted model: the probability of each label, or a number, for a vector. */
    public final class Fitted {
        private final LinearFits.Fit fit;

        private Fitted(LinearFits.Fit fit) {
            this.fit = fit;
        }

        public double[] scores(float[] features) {
            return fit.scores(vector(features));
        }

        /** Returns whether the search for the minimum reached it. */
        public boolean isConverged() {
            return fit.isConverged();
        }
    }

    private final int[] numbers;
    private final double[] means;
    private final double[] deviations;
    private final LinearFits fits;

    /**
     * Reads the vectors of training rows.
     *
     * @param features one for each row, all of the same length
     * @param directory gets a file with the vectors, which has no name any more when this returns
     * @param check is run often, and may throw an exception to end the work
     */
    public FeatureHead(float[][] features, Path directory, Runnable check) throws IOException {
        int width = features[0].length;
        this.numbers = IntStream.range(0, width).toArray();
        this.means = new double[width];
        this.deviations = new double[width];
        for (int i = 0; i < width; i++) {
            double sum = 0;
            double squares = 0;
            for (float[] row : features) {
                sum += row[i];
            }
            means[i] = sum / features.length;
            for (float[] row : features) {
                squares += (row[i] - means[i]) * (row[i] - means[i]);
            }
            double deviation = Math.sqrt(squares / features.length);
            deviations[i] = deviation > 0 ? deviation : 1;
        }
        try (SparseRows.Writer writer = new SparseRows.Writer(directory)) {
            for (float[] row : features) {
                writer.add(vector(row));
            }
            this.fits = new LinearFits(writer.rows(), width, TOLERANCE, check);
        }
    }

    private Vocabulary.Vector vector(float[] features) {
        float[] scaled = new float[features.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) ((features[i] - means[i]) / deviations[i]);
        }
        return new Vocabulary.Vector(numbers, scaled);
    }

    /** Fits a model of rows that have one label each, given by its number. */
    public Fitted labels(int[] labels, int count) {
        return new Fitted(fits.labels(labels, count, new BitSet()));
    }

    /** Fits a model of rows that have any number of labels: {@code rowsOfLabel} has those rows that have a label. */
    public Fitted labelSets(BitSet[] rowsOfLabel) {
        return new Fitted(fits.labelSets(rowsOfLabel));
    }

    /** Fits a model of rows that have numbers. */
    public Fitted numbers(double[] numbers) {
        return new Fitted(fits.numbers(numbers));
    }
}
