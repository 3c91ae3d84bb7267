package dev.anneal.dataset;

import dev.anneal.dataset.problem.Severity;
import dev.anneal.dataset.validation.ValidationQueue;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Problem;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** The answers to requests that create datasets: 201 if one is ready, 202 if it is not yet, 422 if it is rejected. */
@Component
@ForRole("api")
class DatasetAnswers {
    private static final int SHOWN_PROBLEMS = 20;

    private final Datasets datasets;
    private final DatasetRows rows;
    private final ValidationQueue queue;
    private final Idempotency idempotency;

    DatasetAnswers(Datasets datasets, DatasetRows rows, ValidationQueue queue, Idempotency idempotency) {
        this.datasets = datasets;
        this.rows = rows;
        this.queue = queue;
        this.idempotency = idempotency;
    }

    /**
     * Returns the answer.
     *
     * @param key of the request, for idempotency
     */
    ResponseEntity<DatasetView> answer(String id, @Nullable String key) {
        Dataset dataset = find(id, key);
        if (dataset.status() == Dataset.Status.validating) {
            // Another server may validate the dataset for a client that waits. It must not remove the dataset any more.
            dataset = queue.acknowledge(id) ? dataset : find(id, key);
        }
        URI location = URI.create("/api/v1/datasets/" + id);
        return switch (dataset.status()) {
            case validating -> ResponseEntity.accepted().location(location).body(dataset.view());
            case ready -> ResponseEntity.created(location).body(dataset.view());
            case rejected -> throw rejected(dataset, key);
        };
    }

    private Dataset find(String id, @Nullable String key) {
        Optional<Dataset> found =
                datasets.findByIdAndProject(id, Caller.current().project());
        if (found.isEmpty() && key != null && !idempotency.remembers(id)) {
            throw Idempotency.inUse(); // the request is refused just now, and another one gets to know why
        }
        return Idempotency.existing(key, "dataset", id, found);
    }

    private Problem rejected(Dataset dataset, @Nullable String key) {
        List<Problem.Error> errors = rows.problems(dataset.getId(), Severity.error, null, 0, SHOWN_PROBLEMS).stream()
                .limit(SHOWN_PROBLEMS)
                .map(p -> new Problem.Error(null, p.line(), p.column(), p.code(), inFile(p.file(), p.message())))
                .toList();
        if (errors.isEmpty()) {
            find(dataset.getId(), key); // throws if the dataset was deleted, and its problems with it
            return Problem.unprocessable(
                    "dataset_rejected",
                    dataset.isVersion()
                            ? "The version cannot be made. Make it again."
                            : "The file cannot be used. Upload it again.");
        }
        long count = dataset.view().problemCount();
        Problem.Error first = errors.get(0);
        return new Problem(
                HttpStatus.UNPROCESSABLE_CONTENT,
                count == 1 ? first.code() : "dataset_rejected",
                "%s: %s See all of them at /api/v1/datasets/%s/problems."
                        .formatted(
                                first.line() == null
                                        ? dataset.isVersion() ? "The version cannot be made" : "The file cannot be used"
                                        : "%s. The first one, in line %d"
                                                .formatted(
                                                        count == 1
                                                                ? "One row has a problem"
                                                                : "%,d rows have problems".formatted(count),
                                                        first.line()),
                                first.message(),
                                dataset.getId()),
                errors,
                Map.of("dataset", dataset.getId()));
    }

    private static String inFile(@Nullable String file, String message) {
        return file == null ? message : "In '%s': %s".formatted(Problem.quote(file), message);
    }
}
