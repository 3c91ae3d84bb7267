package dev.anneal.evaluation.linear;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A linear model of rows with an intercept for each output, as scikit-learn fits it: {@code LogisticRegression} for labels,
 * {@code Ridge} for numbers. The intercept is not regularized.
 */
final class LinearModel {
    private static final int MOST_STEPS = 300;

    /** The targets of the rows and the loss of a model. */
    interface Targets {
        /** Returns the number of outputs. */
        int outputs();

        /** Returns the loss of a row for these outputs, and replaces them by their gradients. */
        double loss(int row, double[] outputs);
    }

    private final double[] weights;
    private final int outputs;
    private final int grams;
    private final boolean isConverged;

    private LinearModel(double[] weights, int outputs, int grams, boolean isConverged) {
        this.weights = weights;
        this.outputs = outputs;
        this.grams = grams;
        this.isConverged = isConverged;
    }

    /**
     * Minimizes the mean loss of rows plus {@code pull} times half of the sum of the squared weights.
     *
     * @param leftOut the rows that do not count
     * @param check is run before each pass over the rows, and may throw an exception to end it
     */
    static LinearModel fit(
            Rows rows, int grams, Targets targets, BitSet leftOut, double pull, double tolerance, Runnable check) {
        int outputs = targets.outputs();
        int width = grams + 1;
        int count = rows.rows() - leftOut.cardinality();
        double[] values = new double[outputs];
        Lbfgs.Minimum minimum = Lbfgs.find(
                (weights, gradient) -> {
                    check.run();
                    Arrays.fill(gradient, 0);
                    double loss = 0;
                    for (int row = leftOut.nextClearBit(0); row < rows.rows(); row = leftOut.nextClearBit(row + 1)) {
                        for (int k = 0; k < outputs; k++) {
                            values[k] = rows.dot(row, weights, k * width) + weights[k * width + grams];
                        }
                        loss += targets.loss(row, values) / count;
                        for (int k = 0; k < outputs; k++) {
                            rows.add(row, values[k] / count, gradient, k * width);
                            gradient[k * width + grams] += values[k] / count;
                        }
                    }
                    double squares = 0;
                    for (int i = 0; i < weights.length; i++) {
                        if (i % width != grams) {
                            squares += weights[i] * weights[i];
                            gradient[i] += pull * weights[i];
                        }
                    }
                    return loss + pull / 2 * squares;
                },
                outputs * width,
                tolerance,
                MOST_STEPS);
        return new LinearModel(minimum.point(), outputs, grams, minimum.isConverged());
    }

    boolean isConverged() {
        return isConverged;
    }

    /** Returns the weight of an output for a number of a row; that after the last one is the intercept. */
    double weight(int output, int number) {
        return weights[output * (grams + 1) + number];
    }

    /** Returns the outputs for a row. */
    double[] outputs(SparseRows rows, int row) {
        double[] values = new double[outputs];
        for (int k = 0; k < outputs; k++) {
            values[k] = rows.dot(row, weights, k * (grams + 1)) + weights[k * (grams + 1) + grams];
        }
        return values;
    }

    /** Returns the outputs for a vector. */
    double[] outputs(Vocabulary.Vector vector) {
        double[] values = new double[outputs];
        for (int k = 0; k < outputs; k++) {
            int offset = k * (grams + 1);
            double sum = weights[offset + grams];
            for (int i = 0; i < vector.grams().length; i++) {
                sum += weights[offset + vector.grams()[i]] * vector.weights()[i];
            }
            values[k] = sum;
        }
        return values;
    }

    /** Returns the sigmoid of a number. */
    static double sigmoid(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }

    /** Replaces numbers by their softmax. Returns the logarithm of the sum of their exponentials. */
    static double softmax(double[] values) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            largest = Math.max(largest, value);
        }
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.exp(values[i] - largest);
            sum += values[i];
        }
        for (int i = 0; i < values.length; i++) {
            values[i] /= sum;
        }
        return largest + Math.log(sum);
    }

    /** Rows with one of several labels, by number. Two labels have one output. */
    record OneLabel(int[] labels, int count) implements Targets {
        @Override
        public int outputs() {
            return count == 2 ? 1 : count;
        }

        @Override
        public double loss(int row, double[] outputs) {
            int label = labels[row];
            if (count == 2) {
                return YesOrNo.loss(label == 1, outputs);
            }
            double own = outputs[label];
            double loss = softmax(outputs) - own;
            outputs[label] -= 1;
            return loss;
        }

        /** Returns the probabilities of the labels. */
        double[] probabilities(double[] outputs) {
            if (count == 2) {
                double one = sigmoid(outputs[0]);
                return new double[] {1 - one, one};
            }
            softmax(outputs);
            return outputs;
        }
    }

    /** Rows that have a label or do not have it. */
    record YesOrNo(BitSet yes) implements Targets {
        @Override
        public int outputs() {
            return 1;
        }

        @Override
        public double loss(int row, double[] outputs) {
            return loss(yes.get(row), outputs);
        }

        static double loss(boolean isYes, double[] outputs) {
            double signed = isYes ? outputs[0] : -outputs[0];
            outputs[0] = sigmoid(outputs[0]) - (isYes ? 1 : 0);
            return signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
        }
    }

    /** Rows with numbers. The loss is half of the squared error. */
    record Numbers(double[] numbers) implements Targets {
        @Override
        public int outputs() {
            return 1;
        }

        @Override
        public double loss(int row, double[] outputs) {
            double error = outputs[0] - numbers[row];
            outputs[0] = error;
            return error * error / 2;
        }
    }
}
