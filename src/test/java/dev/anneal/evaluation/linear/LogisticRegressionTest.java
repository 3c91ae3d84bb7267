package dev.anneal.evaluation.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogisticRegressionTest {
    private static final int WIDTH = 5;

    /** At the minimum of scikit-learn's loss, the sum over the rows plus half of the squared weights, all derivatives are 0. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void theWeightsAreTheMinimumOfTheLossOfScikitLearn(int labels) {
        Random random = new Random(labels);
        float[][] vectors = new float[40][WIDTH];
        int[] expected = new int[vectors.length];
        for (int row = 0; row < vectors.length; row++) {
            expected[row] = row % labels;
            for (int i = 0; i < WIDTH; i++) {
                vectors[row][i] = (float) (random.nextGaussian() + (i == expected[row] % WIDTH ? 1 : 0));
            }
        }

        LogisticRegression found = LogisticRegression.fit(vectors, expected, labels, () -> {});

        double[][] gradient = new double[labels][WIDTH + 1];
        for (int row = 0; row < vectors.length; row++) {
            double[] probabilities = probabilities(found, vectors[row], labels);
            for (int label = 0; label < labels; label++) {
                double error = probabilities[label] - (expected[row] == label ? 1 : 0);
                for (int i = 0; i < WIDTH; i++) {
                    gradient[label][i] += error * vectors[row][i];
                }
                gradient[label][WIDTH] += error;
            }
        }
        for (int label = 0; label < labels; label++) {
            for (int i = 0; i < WIDTH; i++) {
                // Two labels share the weights of one output, which are twice as large.
                double weight = found.weights()[label * WIDTH + i] * (labels == 2 ? 2 : 1);
                assertThat(gradient[label][i] + weight).isCloseTo(0, within(2e-3));
            }
            assertThat(gradient[label][WIDTH]).isCloseTo(0, within(2e-3));
        }
    }

    private static double[] probabilities(LogisticRegression model, float[] vector, int labels) {
        double[] values = new double[labels];
        double sum = 0;
        for (int label = 0; label < labels; label++) {
            values[label] = model.intercepts()[label];
            for (int i = 0; i < WIDTH; i++) {
                values[label] += model.weights()[label * WIDTH + i] * vector[i];
            }
            values[label] = Math.exp(values[label]);
            sum += values[label];
        }
        for (int label = 0; label < labels; label++) {
            values[label] /= sum;
        }
        return values;
    }
}
