package dev.anneal.training.finding;

import dev.anneal.evaluation.bias.Counterfactuals;
import dev.anneal.evaluation.bias.SubgroupAuc;
import dev.anneal.evaluation.bias.TermFinder;
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
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rows of a report with the predictions of a model for them. One pass collects what the figures need of each row. */
final class PredictedRows {
    private static final int HARDEST = 20;
    private static final int LONGEST_SHOWN = 1_000;
    /** The most labels with group scores: with more of them, the list would be too long to read. */
    private static final int MOST_LABELS = 10;

    private final RowFile file;
    private final Task task;
    private final Labels labels;
    private final List<TermFinder> finders;
    private final Outcomes outcomes;
    private final Runnable check;
    private int rows;
    private long termPairs;
    /** The columns by which the rows are sliced, and the values of each. */
    private final Map<String, SliceValues> columns = new LinkedHashMap<>();

    private final boolean isDefault;
    private final SliceValues lengths = LengthBuckets.values();
    /** The rows that have a term of each group. */
    private final Map<Group, BitSet> members = new LinkedHashMap<>();

    private final Map<Integer, float[]> scores = new LinkedHashMap<>();
    private final PriorityQueue<Findings.HardRow> hardest = new PriorityQueue<>(
            Comparator.comparingDouble(Findings.HardRow::loss).thenComparing(row -> -row.row()));

    /** A group of a dimension of the term lists. */
    private record Group(String dimension, String name) {}

    /**
     * Reads the rows.
     *
     * @param sliceBy the columns by which the rows are sliced; null for those of the roles group and kept
     * @param check is run for each row
     */
    PredictedRows(
            RowFile file,
            Task task,
            Labels labels,
            List<TermFinder> finders,
            @Nullable List<String> sliceBy,
            Runnable check) {
        this.file = file;
        this.task = task;
        this.labels = labels;
        this.finders = finders;
        this.outcomes = Outcomes.of(task, labels);
        this.check = check;
        finders.forEach(finder -> finder.dimension()
                .groups()
                .forEach(group -> members.put(new Group(finder.dimension().name(), group), new BitSet())));
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
        check.run();
        scores.replaceAll((label, kept) -> rows == kept.length ? Arrays.copyOf(kept, 2 * rows) : kept);
        if (rows == 0 && isDefault) {
            slice("group");
            row.path("kept").propertyNames().forEach(this::slice);
        }
        double loss = outcomes.add(row, values);
        String text = row.path("text").asString("");
        for (TermFinder finder : finders) {
            for (int group : finder.groups(text)) {
                String name = finder.dimension().groups().get(group);
                Objects.requireNonNull(members.get(new Group(finder.dimension().name(), name)))
                        .set(rows);
            }
        }
        termPairs += Counterfactuals.pairs(finders, text);
        columns.forEach((column, slices) -> slices.add(value(row, column)));
        lengths.add(LengthBuckets.of(RowFile.text(row)));
        scores.forEach((label, kept) -> kept[rows] = values[label]);
        remember(row, loss);
        rows++;
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
        return outcomes.metrics();
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
        return MislabelledRows.of(file, task, labels, dataset, split, "model", check);
    }

    /** Returns the figures of the groups of the term lists, then of those of each column. */
    List<Findings.GroupScores> groupScores() {
        List<Findings.GroupScores> figures = new ArrayList<>();
        scores.forEach((label, kept) -> {
            String name = labels.names().get(label);
            SubgroupAuc.Ranked ranked = new SubgroupAuc.Ranked(rows, row -> outcomes.has(row, label), row -> kept[row]);
            members.forEach((group, of) -> {
                if (!of.isEmpty()) {
                    figures.add(groupScores(group, name, ranked, of::get));
                }
            });
            columns.forEach((column, values) -> {
                for (int i = 0; !values.hasTooMany() && i < values.names().size(); i++) {
                    int value = i;
                    Group group = new Group(column, values.names().get(value));
                    figures.add(groupScores(group, name, ranked, row -> values.has(row, value)));
                }
            });
        });
        return figures;
    }

    private Findings.GroupScores groupScores(
            Group group, String label, SubgroupAuc.Ranked ranked, IntPredicate isOfGroup) {
        check.run();
        SubgroupAuc auc = ranked.of(isOfGroup);
        return new Findings.GroupScores(
                group.dimension,
                group.name,
                label,
                auc.examples(),
                auc.positive(),
                ranked.all(),
                auc.subgroup(),
                auc.bpsn(),
                auc.bnsp());
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
        file.forEach((number, row, prediction) -> {
            check.run();
            collector.add(
                    RowFile.place(row).row(),
                    new Counterfactuals.Text(
                            row.path("text").asString(""), row.path("text_pair").asString(null)),
                    labels.scores(prediction));
        });
        return collector.end();
    }
}
