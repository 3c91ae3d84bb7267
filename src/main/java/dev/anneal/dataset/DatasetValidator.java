package dev.anneal.dataset;

import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.format.Tags;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Checks that a dataset can be trained on as a whole: enough labels, enough rows for each, different scores. */
@Component
class DatasetValidator {
    static final int MAX_LABELS = 1_000;

    private final DatasetRows rows;

    DatasetValidator(DatasetRows rows) {
        this.rows = rows;
    }

    /** Checks the number of labels, which each list of datasets repeats. */
    void checkNumber(DatasetRows.Summary summary) {
        if (summary.labels().size() > MAX_LABELS) {
            throw Problem.unprocessable(
                    "too_many_labels",
                    "The file has more than %,d labels. Check that 'columns' names the right label column."
                            .formatted(MAX_LABELS));
        }
    }

    void check(String id, DatasetParser file, DatasetRows.Summary summary) {
        List<String> names =
                summary.labels().stream().map(Dataset.LabelCount::name).toList();
        switch (file.task()) {
            case TEXT_CLASSIFICATION -> {
                if (file.columns().containsKey("labels")) {
                    checkMultiLabel(names);
                } else {
                    checkSingleLabel(summary.labels());
                }
                checkOccurInTraining(names, rows.labels(id, "train"));
            }
            case TOKEN_CLASSIFICATION -> {
                checkTags(names);
                checkOccurInTraining(types(names), types(rows.labels(id, "train")));
            }
            case TEXT_REGRESSION -> checkScores(id, summary);
            case CAUSAL_LM, MASKED_LM -> {}
        }
    }

    private static void checkSingleLabel(List<Dataset.LabelCount> labels) {
        if (labels.size() == 1) {
            throw Problem.unprocessable(
                    "single_class",
                    "Every row has the label '" + Problem.quote(labels.get(0).name())
                            + "'. A classifier needs at least two labels: add rows with other labels.");
        }
        List<String> rare = labels.stream()
                .filter(label -> label.count() == 1)
                .map(Dataset.LabelCount::name)
                .toList();
        if (!rare.isEmpty()) {
            throw Problem.unprocessable(
                    "label_too_rare",
                    "Each label needs at least two rows. These have only one: " + shorten(rare)
                            + ". Add rows with these labels, or remove them.");
        }
    }

    private static void checkMultiLabel(List<String> names) {
        if (names.isEmpty()) {
            throw Problem.unprocessable(
                    "no_labels", "No row has a label, so there is nothing to learn. Add labels to the rows.");
        }
    }

    private static void checkTags(List<String> tags) {
        if (tags.equals(List.of("O"))) {
            throw Problem.unprocessable(
                    "single_class", "Every token has the tag 'O', so there is no entity to learn. Tag some entities.");
        }
    }

    private void checkScores(String id, DatasetRows.Summary summary) {
        if (summary.count() > 1 && !rows.scoresDiffer(id)) {
            throw Problem.unprocessable(
                    "single_score",
                    "Every row has the same score, so there is nothing to learn. Add rows with other scores.");
        }
    }

    private static void checkOccurInTraining(Collection<String> names, Collection<String> inTraining) {
        Set<String> known = Set.copyOf(inTraining);
        List<String> missing =
                names.stream().filter(name -> !known.contains(name)).toList();
        if (!missing.isEmpty()) {
            throw Problem.unprocessable(
                    "label_not_in_train",
                    "Labels that do not occur in the training rows: " + shorten(missing)
                            + ". Add training rows with them, or remove their rows.");
        }
    }

    /** Returns the entity types of the tags in order, each once. */
    private static Collection<String> types(List<String> tags) {
        return tags.stream().map(Tags::type).distinct().collect(Collectors.toList());
    }

    private static String shorten(List<String> names) {
        String shown = names.stream().limit(10).map(Problem::quote).collect(Collectors.joining(", "));
        return names.size() > 10 ? shown + " and " + (names.size() - 10) + " more" : shown;
    }
}
