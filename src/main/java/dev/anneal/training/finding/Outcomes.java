package dev.anneal.training.finding;

import dev.anneal.evaluation.rows.LabelRows;
import dev.anneal.evaluation.rows.LabelSetRows;
import dev.anneal.evaluation.rows.NumberRows;
import dev.anneal.evaluation.rows.RowMetrics;
import dev.anneal.evaluation.score.Largest;
import dev.anneal.transformer.architecture.Task;
import java.util.Arrays;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** The expected and the predicted values of rows, collected row by row. */
interface Outcomes {
    /** A label that gets the probability 0 has this loss, not an infinite one. */
    double LEAST = Float.MIN_NORMAL;

    static Outcomes of(Task task, Labels labels) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> new OneLabel(labels);
            case MULTI_LABEL -> new LabelSets(labels);
            default -> new Numbers();
        };
    }

    /** Adds the next row and its scores, or its predicted number. Returns the loss. */
    double add(JsonNode row, float[] values);

    /** Returns the metrics of all rows. No row can be added then. */
    RowMetrics metrics();

    /** Returns whether a row has a label, both by number from 0. */
    boolean has(int row, int label);

    final class OneLabel implements Outcomes {
        private final Labels labels;
        private int[] expected = new int[1024];
        private int[] found = new int[1024];
        private int rows;

        OneLabel(Labels labels) {
            this.labels = labels;
        }

        @Override
        public double add(JsonNode row, float[] values) {
            if (rows == expected.length) {
                resize(2 * rows);
            }
            expected[rows] = labels.of(row);
            found[rows] = Largest.of(values);
            return -Math.log(Math.max(values[expected[rows++]], LEAST));
        }

        private void resize(int size) {
            expected = Arrays.copyOf(expected, size);
            found = Arrays.copyOf(found, size);
        }

        @Override
        public RowMetrics metrics() {
            resize(rows);
            return new LabelRows(labels.names().size(), expected, found);
        }

        @Override
        public boolean has(int row, int label) {
            return expected[row] == label;
        }
    }

    final class LabelSets implements Outcomes {
        private final Labels labels;
        private final SharedSets shared = new SharedSets();
        private int[][] expected = new int[1024][];
        private int[][] found = new int[1024][];
        private int rows;

        LabelSets(Labels labels) {
            this.labels = labels;
        }

        @Override
        public double add(JsonNode row, float[] values) {
            if (rows == expected.length) {
                resize(2 * rows);
            }
            int[] wanted = shared.of(labels.setOf(row));
            expected[rows] = wanted;
            found[rows++] = shared.of(likely(values));
            double loss = 0;
            for (int label = 0; label < values.length; label++) {
                boolean isWanted = Arrays.binarySearch(wanted, label) >= 0;
                loss -= Math.log(Math.max(isWanted ? values[label] : 1.0 - values[label], LEAST));
            }
            return loss / values.length;
        }

        /** Returns the labels that a row has rather than not. */
        private static int[] likely(float[] scores) {
            return IntStream.range(0, scores.length)
                    .filter(label -> scores[label] > 0.5)
                    .toArray();
        }

        private void resize(int size) {
            expected = Arrays.copyOf(expected, size);
            found = Arrays.copyOf(found, size);
        }

        @Override
        public RowMetrics metrics() {
            resize(rows);
            return new LabelSetRows(expected, found);
        }

        @Override
        public boolean has(int row, int label) {
            return Arrays.binarySearch(expected[row], label) >= 0;
        }
    }

    final class Numbers implements Outcomes {
        private double[] expected = new double[1024];
        private double[] found = new double[1024];
        private int rows;

        @Override
        public double add(JsonNode row, float[] values) {
            if (rows == expected.length) {
                resize(2 * rows);
            }
            expected[rows] = row.path("score").asDouble();
            found[rows] = values[0];
            double error = found[rows] - expected[rows];
            rows++;
            return error * error;
        }

        private void resize(int size) {
            expected = Arrays.copyOf(expected, size);
            found = Arrays.copyOf(found, size);
        }

        @Override
        public RowMetrics metrics() {
            resize(rows);
            return new NumberRows(expected, found);
        }

        @Override
        public boolean has(int row, int label) {
            return false;
        }
    }
}
