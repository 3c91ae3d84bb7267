package dev.anneal.dataset;

import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.Tags;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Refuses rows, each of them good, from which nothing can be learned together. */
@Component
class DatasetValidator {
    private static final int MAX_LABELS = 1_000;

    private final DatasetRows rows;

    DatasetValidator(DatasetRows rows) {
        this.rows = rows;
    }

    void check(String id, DatasetParser file, DatasetRows.Summary summary) {
        if (summary.labels().size() > MAX_LABELS) {
            throw Problem.unprocessable(
                    "too_many_labels",
                    "The file has %,d labels; at most %,d are taken. Is the right column the label?"
                            .formatted(summary.labels().size(), MAX_LABELS));
        }
        List<String> names =
                summary.labels().stream().map(Dataset.LabelCount::name).toList();
        switch (file.task()) {
            case TEXT_CLASSIFICATION -> {
                if (file.columns().containsKey("labels")) {
                    several(names);
                } else {
                    single(summary.labels());
                }
                learned(names, rows.labels(id, "train"));
            }
            case TOKEN_CLASSIFICATION -> {
                entities(names);
                learned(kinds(names), kinds(rows.labels(id, "train")));
            }
            case TEXT_REGRESSION -> scores(id, summary);
            case CAUSAL_LM, MASKED_LM -> {}
        }
    }

    private static void single(List<Dataset.LabelCount> labels) {
        if (labels.size() == 1) {
            throw Problem.unprocessable(
                    "single_class",
                    "Every row has the label '" + labels.get(0).name() + "'; a classifier needs at least two labels.");
        }
        List<String> rare = labels.stream()
                .filter(label -> label.count() == 1)
                .map(Dataset.LabelCount::name)
                .toList();
        if (!rare.isEmpty()) {
            throw Problem.unprocessable(
                    "label_too_rare",
                    "Labels in one row only: " + shorten(rare)
                            + ". What is learned from one row cannot be checked: add rows, or leave the label out.");
        }
    }

    private static void several(List<String> names) {
        if (names.isEmpty()) {
            throw Problem.unprocessable("no_labels", "No row has a label; there is nothing to tell apart.");
        }
    }

    private static void entities(List<String> tags) {
        if (tags.equals(List.of("O"))) {
            throw Problem.unprocessable("single_class", "Every token has the tag 'O'; there is no entity to learn.");
        }
    }

    private void scores(String id, DatasetRows.Summary summary) {
        if (summary.count() > 1 && !rows.scoresDiffer(id)) {
            throw Problem.unprocessable("single_score", "Every row has the same score; there is nothing to learn.");
        }
    }

    private static void learned(Collection<String> names, Collection<String> learned) {
        Set<String> known = Set.copyOf(learned);
        List<String> unlearned =
                names.stream().filter(name -> !known.contains(name)).toList();
        if (!unlearned.isEmpty()) {
            throw Problem.unprocessable(
                    "label_not_in_train", "Labels without a row for training: " + shorten(unlearned) + ".");
        }
    }

    /** In their order, each once. */
    private static Collection<String> kinds(List<String> tags) {
        return tags.stream().map(Tags::kind).distinct().collect(Collectors.toList());
    }

    private static String shorten(List<String> names) {
        String shown = String.join(", ", names.subList(0, Math.min(10, names.size())));
        return names.size() > 10 ? shown + " and " + (names.size() - 10) + " more" : shown;
    }
}
