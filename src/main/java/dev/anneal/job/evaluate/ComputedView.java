package dev.anneal.job.evaluate;

import dev.anneal.job.Job;
import dev.anneal.job.plan.Tasks;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.spec.JobSpec;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A prediction for all rows of a dataset on the wire, and what an evaluation has in common with it. */
record ComputedView(
        String id,
        String model,
        String dataset,
        String split,
        long rows,
        String task,
        String precision,
        JobStatus status,
        int priority,
        @Nullable Long memoryBytes,
        @Nullable QueuePlace queue,
        int attempt,
        int maxAttempts,
        @Nullable Instant nextAttemptAt,
        @Nullable String worker,
        @Nullable Map<String, Object> progress,
        @Nullable Map<String, Object> error,
        Map<String, String> metadata,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {

    /** @param queue null unless it is queued */
    static ComputedView of(Job job, @Nullable QueuePlace queue) {
        JobSpec spec = job.spec();
        EvaluationSpec rows = Objects.requireNonNull(spec.evaluation());
        return new ComputedView(
                job.getId(),
                spec.baseModel(),
                spec.dataset(),
                rows.part(),
                rows.rows(),
                Tasks.nameOf(spec.task()),
                job.hyperparameters().precision(),
                job.status(),
                job.priority(),
                job.memoryBytes(),
                queue,
                job.attempt(),
                job.maxAttempts(),
                job.nextAttemptAt(),
                job.worker(),
                job.progress(),
                job.error(),
                job.metadata(),
                job.createdAt(),
                job.startedAt(),
                job.finishedAt());
    }
}
