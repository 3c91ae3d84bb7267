package dev.anneal.training.finding;

import dev.anneal.evaluation.Comparison;
import dev.anneal.evaluation.MultiLabelPredictions;
import dev.anneal.evaluation.RowFigures;
import dev.anneal.evaluation.TokenClassificationPredictions;
import dev.anneal.evaluation.TokenFigures;
import dev.anneal.evaluation.regression.RegressionPredictions;
import dev.anneal.evaluation.score.LabelSets;
import dev.anneal.evaluation.score.Scores;
import dev.anneal.transformer.architecture.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Compares the predictions of an evaluation with those of another one for the same rows. */
final class PairedRows {
    /** The names of the fields of a row with what is expected and what is predicted. */
    private record Fields(String expected, String predicted) {}

    /** The numbers of rows: one of each, or any number. */
    private static final class Numbers {
        private final boolean isSingle;
        private int[] values = new int[1024];
        private int[] ends = new int[16];
        private int size;
        private int rows;

        Numbers(boolean isSingle) {
            this.isSingle = isSingle;
        }

        void add(int[] row) {
            for (int value : row) {
                if (size == values.length) {
                    values = Arrays.copyOf(values, 2 * size);
                }
                values[size++] = value;
            }
            if (!isSingle) {
                if (rows == ends.length) {
                    ends = Arrays.copyOf(ends, 2 * rows);
                }
                ends[rows] = size;
            }
            rows++;
        }

        /** Returns the number of each row. */
        int[] singles() {
            return Arrays.copyOf(values, rows);
        }

        int[] of(int row) {
            return Arrays.copyOfRange(values, row == 0 ? 0 : ends[row - 1], ends[row]);
        }

        int[][] all() {
            return IntStream.range(0, rows).mapToObj(this::of).toArray(int[][]::new);
        }
    }

    private final Task task;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> labels;
    private final Numbers expected;
    private final Numbers ours;
    private final Numbers theirs;
    /** The expected numbers of a regression, which fp32 would round. */
    private double[] scores = new double[1024];

    private PairedRows(Task task, List<String> labels) {
        this.task = task;
        this.labels = labels;
        labels.forEach(label -> numbers.put(label, numbers.size()));
        boolean isSingle = task == Task.TEXT_CLASSIFICATION || task == Task.TEXT_REGRESSION;
        expected = new Numbers(isSingle);
        ours = new Numbers(isSingle);
        theirs = new Numbers(isSingle);
    }

    /**
     * Returns the differences of the metrics, those of {@code ours} minus those of {@code theirs}.
     *
     * @param ours a directory with predictions
     * @param theirs another one, for the same rows
     * @param isCut whether one of the models did not read the ends of some texts
     */
    static Comparison compare(Task task, List<String> labels, Path ours, Path theirs, boolean isCut, Runnable check)
            throws IOException {
        if (task == Task.CAUSAL_LM) {
            return tokens(ours, theirs, isCut, check);
        }
        PairedRows rows = new PairedRows(task, labels);
        rows.read(ours, theirs, check);
        check.run();
        return rows.figures(rows.ours).minus(rows.figures(rows.theirs));
    }

    private static Comparison tokens(Path ours, Path theirs, boolean isCut, Runnable check) throws IOException {
        TokenFigures first = new TokenFigures(0);
        TokenFigures second = new TokenFigures(0);
        SameRows.forEach(ours, theirs, check, (row, same) -> {
            add(row, first);
            add(same, second);
        });
        check.run();
        return first.minus(second, isCut);
    }

    private static void add(JsonNode row, TokenFigures figures) {
        figures.addText(
                row.path("token_count").asInt(),
                row.path("loss").asDouble(0),
                row.path("token_accuracy").asDouble(0));
    }

    private void read(Path first, Path second, Runnable check) throws IOException {
        Fields fields = switch (task) {
            case TEXT_CLASSIFICATION -> new Fields("label", "predicted_label");
            case MULTI_LABEL -> new Fields("labels", "predicted_labels");
            case TEXT_REGRESSION -> new Fields("score", "predicted_score");
            default -> new Fields("tags", "predicted_tags");
        };
        SameRows.forEach(first, second, check, (row, same) -> {
            JsonNode wanted = row.path(fields.expected);
            if (!isSame(wanted, same.path(fields.expected))) {
                throw SameRows.differ();
            }
            if (expected.rows == scores.length) {
                scores = Arrays.copyOf(scores, 2 * scores.length);
            }
            scores[expected.rows] = wanted.asDouble(0);
            expected.add(values(wanted));
            ours.add(values(row.path(fields.predicted)));
            theirs.add(values(same.path(fields.predicted)));
        });
    }

    /** Returns the numbers of labels, -1 for one that is no label, or the bits of a number. */
    private int[] values(JsonNode value) {
        if (value.isNumber()) {
            return new int[] {Float.floatToIntBits(value.floatValue())};
        }
        return value.isArray() ? value.valueStream().mapToInt(this::number).toArray() : new int[] {number(value)};
    }

    private boolean isSame(JsonNode wanted, JsonNode other) {
        return wanted.isNumber() // which older versions rounded to fp32
                ? (float) wanted.asDouble() == (float) other.asDouble(Double.NaN)
                : Arrays.equals(values(wanted), values(other));
    }

    private int number(JsonNode label) {
        Integer number = numbers.get(label.asString(""));
        if (number == null && task != Task.TOKEN_CLASSIFICATION) { // a word that was cut off has no tag
            throw SameRows.differ();
        }
        return number == null ? -1 : number;
    }

    private RowFigures figures(Numbers found) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> RowFigures.ofLabels(labels.size(), expected.singles(), found.singles());
            case MULTI_LABEL -> RowFigures.of(new MultiLabelPredictions(labels, sets(expected), scores(sets(found))));
            case TEXT_REGRESSION ->
                RowFigures.of(new RegressionPredictions(Arrays.copyOf(scores, expected.rows), floats(found)));
            default -> RowFigures.of(new TokenClassificationPredictions(labels, expected.all(), found.all(), 0));
        };
    }

    private LabelSets sets(Numbers values) {
        LabelSets sets = new LabelSets(values.rows, labels.size());
        for (int row = 0; row < values.rows; row++) {
            for (int label : values.of(row)) {
                sets.add(row, label);
            }
        }
        return sets;
    }

    /** Returns scores of 1 for the labels of a set, and of 0 for others. */
    private static Scores scores(LabelSets sets) {
        return new Scores() {
            @Override
            public int rows() {
                return sets.rows();
            }

            @Override
            public int labels() {
                return sets.labels();
            }

            @Override
            public float at(int row, int label) {
                return sets.has(row, label) ? 1 : 0;
            }
        };
    }

    private static float[] floats(Numbers found) {
        float[] floats = new float[found.rows];
        for (int row = 0; row < floats.length; row++) {
            floats[row] = Float.intBitsToFloat(found.values[row]);
        }
        return floats;
    }
}
