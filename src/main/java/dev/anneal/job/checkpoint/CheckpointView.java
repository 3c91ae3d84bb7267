package dev.anneal.job.checkpoint;

import java.time.Instant;

/** A checkpoint on the wire; metric and value are those by which its epoch is compared with others, null before its end. */
public record CheckpointView(
        int step,
        int epoch,
        String reason,
        int attempt,
        long sizeBytes,
        boolean best,
        boolean hasModel,
        String metric,
        Double value,
        Instant createdAt) {

    public static CheckpointView of(Checkpoint checkpoint, String metric, Double value) {
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
