package dev.anneal.evaluation.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares the heads with plain gradient descent, and with the solution of the normal equations. */
class FeatureHeadTest {
    private static final int ROWS = 60;
    private static final int WIDTH = 3;
    private static final int LABELS = 3;

    @TempDir
    Path directory;

    private final Random random = new Random(1);
    private final float[][] features = features();

    private float[][] features() {
        float[][] rows = new float[ROWS][WIDTH];
        for (float[] row : rows) {
            for (int i = 0; i < WIDTH; i++) {
                row[i] = (float) (100 * i + (i + 1) * random.nextGaussian());
            }
        }
        return rows;
    }

    private double[][] standardized() {
        double[][] scaled = new double[ROWS][WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            int column = i;
            double mean = Arrays.stream(features)
                    .mapToDouble(row -> row[column])
                    .average()
                    .orElseThrow();
            double variance = Arrays.stream(features)
                    .mapToDouble(row -> (row[column] - mean) * (row[column] - mean))
                    .average()
                    .orElseThrow();
            for (int row = 0; row < ROWS; row++) {
                scaled[row][i] = (features[row][i] - mean) / Math.sqrt(variance);
            }
        }
        return scaled;
    }

    @Test
    void probabilitiesAreThoseOfLogisticRegression() throws IOException {
        int[] labels = IntStream.range(0, ROWS)
                .map(row -> (int) Math.floorMod(Math.round(features[row][0] + random.nextGaussian()), LABELS))
                .toArray();
        FeatureHead.Fitted head = new FeatureHead(features, directory, () -> {}).labels(labels, LABELS);

        double[][] x = standardized();
        double[][] weights = new double[LABELS][WIDTH + 1];
        for (int step = 0; step < 20_000; step++) {
            double[][] gradient = new double[LABELS][WIDTH + 1];
            for (int row = 0; row < ROWS; row++) {
                double[] found = softmax(weights, x[row]);
                for (int label = 0; label < LABELS; label++) {
                    double error = (found[label] - (labels[row] == label ? 1 : 0)) / ROWS;
                    for (int i = 0; i < WIDTH; i++) {
                        gradient[label][i] += error * x[row][i];
                    }
                    gradient[label][WIDTH] += error;
                }
            }
            for (int label = 0; label < LABELS; label++) {
                for (int i = 0; i <= WIDTH; i++) {
                    weights[label][i] -= gradient[label][i] + (i < WIDTH ? weights[label][i] / ROWS : 0);
                }
            }
        }
        assertThat(head.isConverged()).isTrue();
        for (int row = 0; row < ROWS; row++) {
            assertThat(head.scores(features[row])).containsExactly(softmax(weights, x[row]), within(1e-3));
        }
    }

    private static double[] softmax(double[][] weights, double[] row) {
        double[] exponentials = Arrays.stream(weights)
                .mapToDouble(label -> Math.exp(label[WIDTH]
                        + IntStream.range(0, WIDTH)
                                .mapToDouble(i -> label[i] * row[i])
                                .sum()))
                .toArray();
        double sum = Arrays.stream(exponentials).sum();
        return Arrays.stream(exponentials).map(value -> value / sum).toArray();
    }

    @Test
    void numbersFarFromZeroArePredicted() throws IOException {
        double[] numbers = Arrays.stream(features)
                .mapToDouble(row -> 5_000 + 3 * row[0] - 2 * row[1])
                .toArray();
        FeatureHead.Fitted head = new FeatureHead(features, directory, () -> {}).numbers(numbers);

        for (int row = 0; row < ROWS; row++) {
            // The pull of one row in 60 moves each a little.
            assertThat(head.scores(features[row])[0]).isCloseTo(numbers[row], within(0.5));
        }
    }

    @Test
    void eachOfSeveralLabelsIsPredicted() throws IOException {
        BitSet high = new BitSet();
        BitSet all = new BitSet();
        for (int row = 0; row < ROWS; row++) {
            high.set(row, features[row][2] > 200);
            all.set(row);
        }
        FeatureHead.Fitted head = new FeatureHead(features, directory, () -> {}).labelSets(new BitSet[] {high, all});

        int right = 0;
        for (int row = 0; row < ROWS; row++) {
            double[] scores = head.scores(features[row]);
            right += scores[0] > 0.5 == high.get(row) ? 1 : 0;
            assertThat(scores[1]).isGreaterThan(0.9);
        }
        assertThat(right).isGreaterThan(ROWS - 5);
    }
}
