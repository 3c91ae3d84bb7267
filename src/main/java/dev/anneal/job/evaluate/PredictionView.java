package dev.anneal.job.evaluate;

import dev.anneal.job.queue.JobStatus;
import dev.anneal.job.queue.QueuePlace;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A prediction for all rows of a dataset, on the wire. */
record PredictionView(
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
    static PredictionView of(EvaluationView view) {
        return new PredictionView(
                view.id(),
                view.model(),
                view.dataset(),
                view.split(),
                view.rows(),
                view.task(),
                view.precision(),
                view.status(),
                view.priority(),
                view.memoryBytes(),
                view.queue(),
                view.attempt(),
                view.maxAttempts(),
                view.nextAttemptAt(),
                view.worker(),
                view.progress(),
                view.error(),
                view.metadata(),
                view.createdAt(),
                view.startedAt(),
                view.finishedAt());
    }
}
