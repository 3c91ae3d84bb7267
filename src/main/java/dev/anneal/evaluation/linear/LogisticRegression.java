package dev.anneal.evaluation.linear;

import java.util.BitSet;

/**
 * A logistic regression of vectors with one label each, as scikit-learn's {@code LogisticRegression} fits it by default.
 *
 * @param weights a row for each label
 * @param intercepts a number for each label
 */
public record LogisticRegression(float[] weights, float[] intercepts) {
    private static final double TOLERANCE = 1e-5;

    /**
     * Fits the weights of {@code count} labels.
     *
     * @param labels the number of the label of each vector
     * @param check is run before each pass over the vectors, and may throw an exception to end it
     */
    public static LogisticRegression fit(float[][] vectors, int[] labels, int count, Runnable check) {
        int width = vectors[0].length;
        LinearModel model = LinearModel.fit(
                new Vectors(vectors),
                width,
                new LinearModel.OneLabel(labels, count),
                new BitSet(),
                1.0 / vectors.length,
                TOLERANCE,
                check);
        float[] weights = new float[count * width];
        float[] intercepts = new float[count];
        for (int label = 0; label < count; label++) {
            for (int i = 0; i < width; i++) {
                weights[label * width + i] = weight(model, label, count, i);
            }
            intercepts[label] = weight(model, label, count, width);
        }
        return new LogisticRegression(weights, intercepts);
    }

    /** Two labels have one output, which is the difference of theirs. */
    private static float weight(LinearModel model, int label, int count, int number) {
        return (float) (count == 2 ? (label - 0.5) * model.weight(0, number) : model.weight(label, number));
    }

    private record Vectors(float[][] vectors) implements Rows {
        @Override
        public int rows() {
            return vectors.length;
        }

        @Override
        public double dot(int row, double[] weights, int offset) {
            double sum = 0;
            float[] vector = vectors[row];
            for (int i = 0; i < vector.length; i++) {
                sum += vector[i] * weights[offset + i];
            }
            return sum;
        }

        @Override
        public void add(int row, double factor, double[] weights, int offset) {
            float[] vector = vectors[row];
            for (int i = 0; i < vector.length; i++) {
                weights[offset + i] += factor * vector[i];
            }
        }
    }
}
