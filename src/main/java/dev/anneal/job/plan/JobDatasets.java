package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.DatasetRows;
import dev.anneal.dataset.Datasets;
import dev.anneal.evaluation.slice.Slices;
import dev.anneal.security.Caller;
import dev.anneal.spec.Replay;
import dev.anneal.spec.ReportOptions;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds the datasets that a request names, and checks that their rows suit the task. */
@Component
class JobDatasets {
    private final Datasets datasets;
    private final DatasetRows rows;

    JobDatasets(Datasets datasets, DatasetRows rows) {
        this.datasets = datasets;
        this.rows = rows;
    }

    /** Returns the labels or tags that occur in a split. */
    List<String> labels(String datasetId, String split) {
        return rows.labels(datasetId, split);
    }

    /** Returns the number of words with a tag in a split. */
    long words(String datasetId, String split) {
        return rows.words(datasetId, split);
    }

    /** Returns a dataset by its id or name. It cannot be deleted until the caller's transaction ends. */
    Dataset find(String field, String idOrName) {
        String project = Caller.current().project();
        Dataset dataset = datasets.find(idOrName, project)
                .filter(found -> datasets.keep(found.getId(), project).isPresent())
                .orElseThrow(() -> datasets.unknown(field, idOrName, project));
        if (dataset.validated().status() != Dataset.Status.ready) {
            throw dataset.rejected();
        }
        return dataset;
    }

    /** Returns the id of a dataset that is given by its id or name, or null if none is. */
    @Nullable
    String id(String field, @Nullable String idOrName) {
        return idOrName == null ? null : find(field, idOrName).getId();
    }

    /** Returns the number of rows of the named dataset, or the other number if none is named. */
    long rows(@Nullable String id, long otherwise) {
        return id == null ? otherwise : find("dataset", id).rowCount();
    }

    void checkTraining(Dataset dataset, Task task, List<String> labels) {
        RowKind kind = RowKind.of(dataset);
        if (!kind.serves(task)) {
            throw Problem.invalid(
                    "dataset",
                    "dataset_does_not_fit",
                    "The dataset '%s' contains %s, which suit %s. The task %s needs %s."
                            .formatted(
                                    dataset.getId(),
                                    kind.words(),
                                    String.join(", ", kind.tasks()),
                                    Tasks.nameOf(task),
                                    RowKind.wantedBy(task)));
        }
        if (dataset.splits().train() == 0) {
            throw Problem.invalid(
                    "dataset", "no_training_rows", "The dataset '" + dataset.getId() + "' has no training rows.");
        }
        if (task.hasLabels() && labels.size() < 2) {
            throw Problem.invalid(
                    "dataset",
                    "too_few_labels",
                    "The dataset '" + dataset.getId()
                            + "' has fewer than two labels. A classifier needs at least two.");
        }
    }

    /** Checks that the rows of a dataset can show what a model forgot. */
    void checkRetained(@Nullable String id, Task task) {
        if (id == null) {
            return;
        }
        RowKind kind = RowKind.of(find("retain_dataset", id));
        if (!kind.showsForgetting(task)) {
            throw Problem.invalid(
                    "retain_dataset",
                    "dataset_does_not_fit",
                    "The dataset '%s' contains %s, but a model for %s reads %s."
                            .formatted(
                                    id,
                                    kind.words(),
                                    Tasks.nameOf(task),
                                    task == Task.CAUSAL_LM ? RowKind.wantedBy(task) : "texts or words"));
        }
    }

    /** Returns how many rows of a dataset there are to replay; checks that they can be trained together with those of the job. */
    long replayed(@Nullable Replay replay, Dataset trained, Task task, List<String> labels) {
        if (replay == null) {
            return 0;
        }
        Dataset dataset = find("replay.dataset", replay.dataset());
        if (dataset.getId().equals(trained.getId())) {
            throw Problem.invalid(
                    "replay.dataset",
                    "same_dataset",
                    "'replay.dataset' is the dataset that the job trains on. Name another one, with rows of what the model must not forget.");
        }
        if (!task.isLanguageModel()) {
            checkEvaluation("replay.dataset", dataset.getId(), trained, task, labels);
        } else if (!RowKind.of(dataset).serves(task)) {
            throw Problem.invalid(
                    "replay.dataset",
                    "dataset_does_not_fit",
                    "The dataset '%s' contains %s. The task %s needs %s."
                            .formatted(
                                    dataset.getId(),
                                    RowKind.of(dataset).words(),
                                    Tasks.nameOf(task),
                                    RowKind.wantedBy(task)));
        }
        if (dataset.splits().train() == 0) {
            throw Problem.invalid(
                    "replay.dataset",
                    "no_training_rows",
                    "The dataset '" + dataset.getId() + "' has no training rows.");
        }
        return dataset.splits().train();
    }

    /** Checks that an evaluation dataset has the same kind of rows, and no label that training does not cover. */
    void checkEvaluation(String field, @Nullable String id, Dataset trained, Task task, List<String> labels) {
        if (id == null) {
            return;
        }
        Dataset dataset = find(field, id);
        RowKind kind = RowKind.of(dataset);
        RowKind learned = RowKind.of(trained);
        if (!learned.agreesWith(kind, task)) {
            throw Problem.invalid(
                    field,
                    "dataset_does_not_fit",
                    "The dataset '%s' contains %s, but the training dataset '%s' contains %s."
                            .formatted(id, kind.words(), trained.getId(), learned.words()));
        }
        List<String> unknown = task.hasLabels()
                ? dataset.labelNames().stream()
                        .filter(label -> !labels.contains(label))
                        .limit(10)
                        .map(Problem::quote)
                        .toList()
                : List.of();
        if (!unknown.isEmpty()) {
            throw Problem.invalid(
                    field,
                    "unknown_label",
                    "Dataset '%s' contains labels that do not occur in the training dataset '%s': %s."
                            .formatted(id, trained.getId(), String.join(", ", unknown)));
        }
    }

    /** Checks that the rows of a split, or of all splits, have the columns of a report, and not too many values in each. */
    void checkSlices(@Nullable ReportOptions report, Dataset dataset, @Nullable String split) {
        if (report == null || report.sliceBy() == null) {
            return;
        }
        String group = dataset.columns().get("group");
        for (String column : report.sliceBy()) {
            long values = rows.values(
                    dataset.getId(), split, column.equals(group) ? "group" : column, Slices.MOST_VALUES + 1);
            if (values == 0) {
                throw Problem.invalid(
                        "slice_by",
                        "unknown_column",
                        "The rows of the dataset '%s' have no column '%s' to slice by. %s"
                                .formatted(dataset.getId(), Problem.quote(column), columns(dataset)));
            }
            if (values > Slices.MOST_VALUES) {
                throw Problem.invalid(
                        "slice_by",
                        "too_many_values",
                        "The column '%s' of the dataset '%s' has more than %d values, so each has too few rows for a figure. Name a column with fewer values."
                                .formatted(Problem.quote(column), dataset.getId(), Slices.MOST_VALUES));
            }
        }
    }

    private static String columns(Dataset dataset) {
        String named = Stream.of("group", "kept")
                .map(dataset.columns()::get)
                .filter(Objects::nonNull)
                .map(columns -> "'" + Problem.quote(columns) + "', ")
                .collect(Collectors.joining());
        return named.isEmpty()
                ? "Rows can be sliced by the column 'split', by the column 'file' if there are several files, and by columns with the roles kept and group, which an upload names in 'columns'."
                : "Rows can be sliced by %sthe column 'split', and the column 'file' if there are several files."
                        .formatted(named);
    }
}
