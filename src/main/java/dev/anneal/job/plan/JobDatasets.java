package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.security.Caller;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds the datasets that a job names, and says where their rows do not fit it. */
@Component
class JobDatasets {
    private final Datasets datasets;
    private final JdbcClient jdbc;

    JobDatasets(Datasets datasets, JdbcClient jdbc) {
        this.datasets = datasets;
        this.jdbc = jdbc;
    }

    Dataset find(String field, String id) {
        // Held until the job can be seen, so that the dataset cannot be deleted in between.
        jdbc.sql("select id from datasets where id = ? and project = ? for key share")
                .params(id, Caller.current().project())
                .query(String.class)
                .optional();
        Dataset dataset = datasets.findByIdAndProject(id, Caller.current().project())
                .orElseThrow(() -> Problem.invalid(field, "unknown_dataset", "There is no dataset '" + id + "'."));
        if (dataset.status() != Dataset.Status.ready) {
            throw Problem.conflict(
                    "dataset_not_ready",
                    "The dataset '%s' is %s, not ready; /api/v1/datasets/%s/problems says why."
                            .formatted(id, dataset.status(), id));
        }
        return dataset;
    }

    void checkTraining(Dataset dataset, Task task, List<String> labels) {
        RowKind kind = RowKind.of(dataset);
        if (!kind.serves(task)) {
            throw Problem.invalid(
                    "dataset",
                    "dataset_does_not_fit",
                    "The dataset '%s' holds %s, which fit %s; %s learns from %s."
                            .formatted(
                                    dataset.getId(),
                                    kind.words(),
                                    String.join(", ", kind.tasks()),
                                    Tasks.nameOf(task),
                                    RowKind.wantedBy(task)));
        }
        if (dataset.splits().train() == 0) {
            throw Problem.invalid(
                    "dataset", "no_training_rows", "The dataset '" + dataset.getId() + "' has no rows for training.");
        }
        if (task.hasLabels() && labels.size() < 2) {
            throw Problem.invalid(
                    "dataset",
                    "too_few_labels",
                    "The dataset '" + dataset.getId() + "' has fewer than two labels; there is nothing to tell apart.");
        }
    }

    /** A dataset to evaluate with must hold the same kind of rows, and only labels that are learned. */
    void checkEvaluation(String field, String id, Dataset trained, Task task, List<String> labels) {
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
                    "The dataset '%s' holds %s; '%s', which is learned, holds %s."
                            .formatted(id, kind.words(), trained.getId(), learned.words()));
        }
        List<String> unknown = task.hasLabels()
                ? dataset.labelNames().stream()
                        .filter(label -> !labels.contains(label))
                        .limit(10)
                        .toList()
                : List.of();
        if (!unknown.isEmpty()) {
            throw Problem.invalid(
                    field,
                    "unknown_label",
                    "The dataset '%s' has labels that '%s' does not teach: %s."
                            .formatted(id, trained.getId(), String.join(", ", unknown)));
        }
    }
}
