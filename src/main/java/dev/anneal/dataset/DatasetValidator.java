package dev.anneal.dataset;

import dev.anneal.dataset.check.DatasetCheck;
import dev.anneal.dataset.duplicate.Folding;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.DatasetTask;
import dev.anneal.dataset.format.Tags;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.staged.StagedRows;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Checks that a dataset can be trained on as a whole: enough labels, enough rows for each, different scores. */
@Component
class DatasetValidator {
    static final int MAX_LABELS = 1_000;

    /**
     * The labels that cannot be trained on.
     *
     * @param isDataset whether it is the dataset as a whole
     * @param rare the labels that have one row
     * @param untrained the labels or tags that only validation and test rows have
     */
    record Unusable(boolean isDataset, List<String> rare, List<String> untrained) {
        static final Unusable NOTHING = new Unusable(false, List.of(), List.of());
        static final Unusable DATASET = new Unusable(true, List.of(), List.of());

        boolean isNothing() {
            return !isDataset && rare.isEmpty() && untrained.isEmpty();
        }
    }

    /** Checks the number of labels, which each list of datasets repeats. Adds an error if there are too many. */
    Unusable checkNumber(DatasetParser file, StagedRows.Summary summary) {
        if (summary.labels().size() > MAX_LABELS) {
            return dataset(
                    file.problems(),
                    label(file),
                    "too_many_labels",
                    "The file has more than %,d labels. Check that 'columns' names the right label column."
                            .formatted(MAX_LABELS));
        }
        return Unusable.NOTHING;
    }

    /** Adds an error for each row that cannot be used, or one for the dataset. */
    Unusable check(StagedRows rows, DatasetParser file, StagedRows.Summary summary, DatasetCheck check)
            throws IOException {
        return switch (file.task()) {
            case TEXT_CLASSIFICATION ->
                file.columns().containsKey("labels")
                        ? checkMultiLabel(rows, file, summary, check)
                        : checkSingleLabel(rows, file, summary, check);
            case TOKEN_CLASSIFICATION -> checkTags(rows, file, summary, check);
            case TEXT_REGRESSION -> checkScores(rows, file, summary);
            case CAUSAL_LM, MASKED_LM -> Unusable.NOTHING;
        };
    }

    private static Unusable dataset(RowProblems problems, @Nullable String column, String code, String message) {
        problems.add(null, column, code, message);
        return Unusable.DATASET;
    }

    private Unusable checkSingleLabel(
            StagedRows rows, DatasetParser file, StagedRows.Summary summary, DatasetCheck check) throws IOException {
        List<StagedRows.Count> labels = summary.labels();
        if (labels.size() == 1) {
            return dataset(
                    file.problems(),
                    label(file),
                    "single_class",
                    "Every row has the label '" + Problem.quote(labels.get(0).name())
                            + "'. A classifier needs at least two labels: add rows with other labels.");
        }
        Set<String> spellings = labels.stream()
                .filter(label -> label.all() > 1)
                .map(label -> Folding.fold(label.name()))
                .collect(Collectors.toSet());
        // Another spelling of a label is a warning, so that merge_labels can mend it.
        List<String> rare = labels.stream()
                .filter(label -> label.all() == 1 && !spellings.contains(Folding.fold(label.name())))
                .map(StagedRows.Count::name)
                .toList();
        for (StagedRows.NamedRow row : rows.named(rare, false, RowProblems.KEPT_ERRORS)) {
            check.error(
                    file.problems(),
                    row.number(),
                    label(file),
                    "label_too_rare",
                    "The label '" + Problem.quote(row.name())
                            + "' has only one row. Each label needs at least two. Add rows with it, or remove the row.");
        }
        List<String> others = new ArrayList<>(names(summary));
        others.removeAll(rare);
        return new Unusable(false, rare, checkOccurInTraining(rows, file, others, trained(summary), check));
    }

    private Unusable checkMultiLabel(
            StagedRows rows, DatasetParser file, StagedRows.Summary summary, DatasetCheck check) throws IOException {
        List<String> names = names(summary);
        if (names.isEmpty()) {
            return dataset(
                    file.problems(),
                    label(file),
                    "no_labels",
                    "No row has a label, so there is nothing to learn. Add labels to the rows.");
        }
        return new Unusable(false, List.of(), checkOccurInTraining(rows, file, names, trained(summary), check));
    }

    private Unusable checkTags(StagedRows rows, DatasetParser file, StagedRows.Summary summary, DatasetCheck check)
            throws IOException {
        List<String> tags = names(summary);
        if (tags.equals(List.of("O"))) {
            return dataset(
                    file.problems(),
                    file.columns().get("tags"),
                    "single_class",
                    "Every token has the tag 'O', so there is no entity to learn. Tag some entities.");
        }
        Set<String> trained = trained(summary).stream().map(Tags::type).collect(Collectors.toSet());
        List<String> known =
                tags.stream().filter(tag -> trained.contains(Tags.type(tag))).toList();
        return new Unusable(false, List.of(), checkOccurInTraining(rows, file, tags, known, check));
    }

    private Unusable checkScores(StagedRows rows, DatasetParser file, StagedRows.Summary summary) {
        return rows.count() > 1 && !rows.scoresDiffer()
                ? dataset(
                        file.problems(),
                        file.columns().get("score"),
                        "single_score",
                        "Every row has the same score, so there is nothing to learn. Add rows with other scores.")
                : Unusable.NOTHING;
    }

    /** Adds an error for each validation or test row with a name that no training row has. Returns these names. */
    private List<String> checkOccurInTraining(
            StagedRows rows, DatasetParser file, List<String> names, Collection<String> inTraining, DatasetCheck check)
            throws IOException {
        Set<String> known =
                inTraining.stream().map(name -> spelling(file, name)).collect(Collectors.toSet());
        List<String> missing = names.stream()
                .filter(name -> !known.contains(spelling(file, name)))
                .toList();
        String column = label(file);
        List<StagedRows.NamedRow> first = rows.named(missing, true, RowProblems.KEPT_ERRORS);
        for (StagedRows.NamedRow row : first) {
            check.error(
                    file.problems(),
                    row.number(),
                    column,
                    "label_not_in_train",
                    "The label '" + Problem.quote(isTags(file) ? Tags.type(row.name()) : row.name())
                            + "' does not occur in the training rows. Add training rows with it, or remove this row.");
        }
        file.problems().countErrors("label_not_in_train", rows.countNamed(missing, true) - first.size());
        return missing;
    }

    /** Returns what the spellings of a label have in common. A label that has another spelling is only warned of. */
    private static String spelling(DatasetParser file, String name) {
        return isTags(file) ? name : Folding.fold(name);
    }

    private static boolean isTags(DatasetParser file) {
        return file.task() == DatasetTask.TOKEN_CLASSIFICATION;
    }

    private static @Nullable String label(DatasetParser file) {
        return List.of("label", "labels", "tags").stream()
                .filter(file.columns()::containsKey)
                .findFirst()
                .map(file.columns()::get)
                .orElse(null);
    }

    private static List<String> names(StagedRows.Summary summary) {
        return summary.labels().stream().map(StagedRows.Count::name).toList();
    }

    /** Returns the labels or tags that training rows have. */
    private static List<String> trained(StagedRows.Summary summary) {
        return summary.labels().stream()
                .filter(label -> label.train() > 0)
                .map(StagedRows.Count::name)
                .toList();
    }
}
