package dev.anneal.job;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.problem.Severity;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The warnings about the rows of a job's datasets. */
@Component
class DatasetWarnings {
    /** A warning on the wire: how many problems of one code a dataset has. */
    record Warning(String dataset, String code, long count) {}

    private final Datasets datasets;
    private final JobEvents events;

    DatasetWarnings(Datasets datasets, JobEvents events) {
        this.datasets = datasets;
        this.events = events;
    }

    /** Returns the datasets of a job with warnings, apart from those that were deleted. */
    List<Dataset> datasets(JobSpec spec) {
        return Stream.of(spec.dataset(), spec.validationDataset(), spec.testDataset())
                .filter(Objects::nonNull)
                .distinct()
                .map(datasets::findById)
                .flatMap(Optional::stream)
                .filter(dataset -> of(dataset).findAny().isPresent())
                .toList();
    }

    /** Returns the warnings about each dataset, and about the rows that it shares with the training rows of another one. */
    List<Warning> of(Job job) {
        return Stream.concat(
                        datasets(job.spec()).stream()
                                .flatMap(dataset -> of(dataset)
                                        .map(code -> new Warning(dataset.getId(), code.code(), code.count()))),
                        events.sharedRows(job.getId()).stream()
                                .map(shared -> Json.MAPPER.convertValue(shared, Warning.class)))
                .toList();
    }

    static Stream<RowProblems.CodeCount> of(Dataset dataset) {
        // That a dataset is only for evaluation is no problem of a job, which evaluates on it.
        return dataset.problemCodes().stream()
                .filter(code ->
                        code.severity() == Severity.warning && !code.code().equals("no_training_rows"));
    }
}
