package dev.anneal.job.checkpoint;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A checkpoint as the API shows it. Metric and value are those that compare epochs; null for a checkpoint during an epoch. */
public record CheckpointView(
        int step,
        int epoch,
        String reason,
        int attempt,
        long sizeBytes,
        boolean best,
        boolean hasModel,
        @Nullable String metric,
        @Nullable Double value,
        @Nullable Instant createdAt) {

    public static CheckpointView of(JobCheckpoint checkpoint, String metric, @Nullable Double value) {
        return new CheckpointView(
                checkpoint.step(),
                checkpoint.epoch(),
                checkpoint.reason(),
                checkpoint.attempt(),
                checkpoint.sizeBytes(),
                checkpoint.best(),
                checkpoint.hasModel(),
                value == null ? null : metric,
                value,
                checkpoint.createdAt());
    }
}
