package dev.anneal.training.finding;

import dev.anneal.evaluation.bias.Counterfactuals;
import dev.anneal.evaluation.bias.SubgroupAuc;
import dev.anneal.evaluation.bias.TermFinder;
import dev.anneal.evaluation.rows.LabelRows;
import dev.anneal.evaluation.rows.LabelSetRows;
import dev.anneal.evaluation.rows.NumberRows;
import dev.anneal.evaluation.rows.RowMetrics;
import dev.anneal.evaluation.slice.LengthBuckets;
import dev.anneal.evaluation.slice.SliceValues;
import dev.anneal.evaluation.slice.Slices;
import dev.anneal.spec.ReportOptions;
import dev.anneal.text.Cut;
import dev.anneal.transformer.architecture.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rows of a report with the predictions of a model for them. One pass collects what the figures need of each row. */
final class PredictedRows {
    private static final int HARDEST = 20;
    private static final int LONGEST_SHOWN = 1_000;
    /** The most labels with group scores: with more of them, the list would be too long to read. */
    private static final int MOST_LABELS = 10;
    /** A label that gets the probability 0 has this loss, not an infinite one. */
    private static final double LEAST = Float.MIN_NORMAL;

    private final RowFile file;
    private final Task task;
    private final Labels labels;
    private final List<TermFinder> finders;
    private final List<int[]> sets = new ArrayList<>();
    private final List<int[]> foundSets = new ArrayList<>();
    private double[] expected = new double[1024];
    private double[] found = new double[1024];
    private int rows;
    private long termPairs;
    /** The columns by which the rows are sliced, and the values of each. */
    private final Map<String, SliceValues> columns = new LinkedHashMap<>();

    private final boolean isDefault;
    private final SliceValues lengths = LengthBuckets.values();
    private final Map<Group, BitSet> members = new LinkedHashMap<>();

    private final Map<Integer, float[]> scores = new LinkedHashMap<>();
    private final PriorityQueue<Findings.HardRow> hardest = new PriorityQueue<>(
            Comparator.comparingDouble(Findings.HardRow::loss).thenComparing(row -> -row.row()));

    /** A group of rows: those with a value in a column, or those that have a term of a dimension. */
    private record Group(boolean isColumn, String dimension, String name) {}

    /** @param sliceBy the columns by which the rows are sliced; null for those of the roles group and kept */
    PredictedRows(RowFile file, Task task, Labels labels, List<TermFinder> finders, @Nullable List<String> sliceBy) {
        this.file = file;
        this.task = task;
        this.labels = labels;
        this.finders = finders;
        finders.forEach(finder -> finder.dimension()
                .groups()
                .forEach(group -> members(false, finder.dimension().name(), group)));
        this.isDefault = sliceBy == null;
        if (sliceBy != null) {
            sliceBy.forEach(this::slice);
        }
        scoredLabels().forEach(label -> scores.put(label, new float[1024]));
        file.forEach((number, row, prediction) -> add(row, labels.scores(prediction)));
    }

    private void slice(String column) {
        columns.put(column, new SliceValues(column));
    }

    /** Returns the value of a row in a column. A column that is not kept with the rows is the one of the role group. */
    private static @Nullable String value(JsonNode row, String column) {
        JsonNode kept = row.path("kept");
        JsonNode value = ReportOptions.PLACES.contains(column)
                ? row.path(column)
                : kept.has(column) ? kept.path(column) : row.path("group");
        return value.isNull() ? null : value.asString(null);
    }

    /** Returns the labels whose scores are compared between groups. Of two labels, the second one. */
    private List<Integer> scoredLabels() {
        int count = labels.names().size();
        if (task == Task.TEXT_REGRESSION || count > MOST_LABELS) {
            return List.of();
        }
        return task == Task.TEXT_CLASSIFICATION && count == 2
                ? List.of(1)
                : IntStream.range(0, count).boxed().toList();
    }

    private void add(JsonNode row, float[] values) {
        if (rows == expected.length) {
            expected = Arrays.copyOf(expected, 2 * rows);
            found = Arrays.copyOf(found, 2 * rows);
            scores.replaceAll((label, kept) -> Arrays.copyOf(kept, 2 * rows));
        }
        if (rows == 0 && isDefault) {
            slice("group");
            row.path("kept").propertyNames().forEach(this::slice);
        }
        double loss = add(values, row);
        String text = row.path("text").asString("");
        for (TermFinder finder : finders) {
            for (int group : finder.groups(text)) {
                members(
                                false,
                                finder.dimension().name(),
                                finder.dimension().groups().get(group))
                        .set(rows);
            }
        }
        termPairs += Counterfactuals.pairs(finders, text);
        columns.forEach((column, slices) -> {
            String value = value(row, column);
            slices.add(value);
            if (value != null && !slices.hasTooMany()) {
                members(true, column, value).set(rows);
            }
        });
        lengths.add(LengthBuckets.of(RowFile.text(row)));
        scores.forEach((label, kept) -> kept[rows] = values[label]);
        remember(row, loss);
        rows++;
    }

    private BitSet members(boolean isColumn, String dimension, String group) {
        return members.computeIfAbsent(new Group(isColumn, dimension, group), key -> new BitSet());
    }

    /** Adds what is expected and predicted. Returns the loss. */
    private double add(float[] values, JsonNode row) {
        switch (task) {
            case TEXT_CLASSIFICATION -> {
                int label = labels.of(row);
                expected[rows] = label;
                found[rows] = best(values);
                return -Math.log(Math.max(values[label], LEAST));
            }
            case MULTI_LABEL -> {
                int[] wanted = labels.setOf(row);
                sets.add(wanted);
                foundSets.add(IntStream.range(0, values.length)
                        .filter(label -> values[label] > 0.5)
                        .toArray());
                double loss = 0;
                for (int label = 0; label < values.length; label++) {
                    boolean isWanted = Arrays.binarySearch(wanted, label) >= 0;
                    loss -= Math.log(Math.max(isWanted ? values[label] : 1.0 - values[label], LEAST));
                }
                return loss / values.length;
            }
            default -> {
                expected[rows] = row.path("score").asDouble();
                found[rows] = values[0];
                return (values[0] - expected[rows]) * (values[0] - expected[rows]);
            }
        }
    }

    private static int best(float[] scores) {
        return IntStream.range(1, scores.length).reduce(0, (best, i) -> scores[i] > scores[best] ? i : best);
    }

    private void remember(JsonNode row, double loss) {
        if (hardest.size() == HARDEST && hardest.element().loss() >= loss) {
            return;
        }
        Findings.Place place = RowFile.place(row);
        String text = RowFile.text(row);
        hardest.add(new Findings.HardRow(place.row(), place.line(), place.file(), loss, Cut.to(text, LONGEST_SHOWN)));
        if (hardest.size() > HARDEST) {
            hardest.remove();
        }
    }

    RowMetrics metrics() {
        return switch (task) {
            case TEXT_CLASSIFICATION -> new LabelRows(labels.names().size(), integers(expected), integers(found));
            case MULTI_LABEL -> new LabelSetRows(sets.toArray(int[][]::new), foundSets.toArray(int[][]::new));
            default -> new NumberRows(Arrays.copyOf(expected, rows), Arrays.copyOf(found, rows));
        };
    }

    private int[] integers(double[] values) {
        return Arrays.stream(values, 0, rows).mapToInt(value -> (int) value).toArray();
    }

    List<Findings.HardRow> hardest() {
        return hardest.stream().sorted(hardest.comparator().reversed()).toList();
    }

    /** Returns the slices, and adds a sentence for each column that has none. */
    List<Slices> slices(RowMetrics metrics, List<String> leftOut) {
        List<Slices> slices = new ArrayList<>();
        columns.forEach((column, values) -> {
            if (values.hasTooMany()) {
                leftOut.add("The column '%s' has more than %d values, so there are no metrics for each value."
                        .formatted(column, Slices.MOST_VALUES));
            } else if (!values.isEmpty()) {
                slices.add(values.of(metrics));
            }
        });
        slices.add(lengths.of(metrics));
        return slices;
    }

    /** Returns the rows of the reported split whose label is probably wrong by the model's scores; null if rows do not have one label. */
    Findings.@Nullable LikelyMislabelled mislabelled(@Nullable String dataset, String split) {
        return MislabelledRows.of(file, task, labels, dataset, split, "model");
    }

    List<Findings.GroupScores> groupScores() {
        List<Findings.GroupScores> figures = new ArrayList<>();
        scores.forEach((label, kept) -> {
            BitSet positive = new BitSet();
            IntStream.range(0, rows).filter(row -> has(row, label)).forEach(positive::set);
            SubgroupAuc.Ranked ranked = new SubgroupAuc.Ranked(positive, Arrays.copyOf(kept, rows));
            members.forEach((group, of) -> {
                boolean isLeftOut = group.isColumn
                        && Objects.requireNonNull(columns.get(group.dimension)).hasTooMany();
                if (!of.isEmpty() && !isLeftOut) {
                    SubgroupAuc auc = ranked.of(of);
                    figures.add(new Findings.GroupScores(
                            group.dimension,
                            group.name,
                            labels.names().get(label),
                            auc.examples(),
                            auc.positive(),
                            ranked.all(),
                            auc.subgroup(),
                            auc.bpsn(),
                            auc.bnsp()));
                }
            });
        });
        return figures;
    }

    private boolean has(int row, int label) {
        return task == Task.MULTI_LABEL ? Arrays.binarySearch(sets.get(row), label) >= 0 : (int) expected[row] == label;
    }

    /** Returns whether a text has a term that can be exchanged. */
    boolean hasTerms() {
        return termPairs > 0;
    }

    @Nullable
    Counterfactuals counterfactuals(Counterfactuals.Scorer scorer) {
        Counterfactuals.Reading reading = switch (task) {
            case TEXT_CLASSIFICATION -> Counterfactuals.oneLabel(labels.names().size());
            case MULTI_LABEL -> Counterfactuals.labelSets();
            default -> Counterfactuals.numbers();
        };
        var collector = new Counterfactuals.Collector(finders, scorer, reading, termPairs, rows);
        file.forEach((number, row, prediction) -> collector.add(
                RowFile.place(row).row(),
                new Counterfactuals.Text(
                        row.path("text").asString(""), row.path("text_pair").asString(null)),
                labels.scores(prediction)));
        return collector.end();
    }
}
