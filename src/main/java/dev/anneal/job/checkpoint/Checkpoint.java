package dev.anneal.job.checkpoint;

import dev.anneal.job.queue.Attempt;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** A state of a job that the store has under the key {@code artifact}; {@code best} is the one of the best epoch so far. */
public record Checkpoint(
        String jobId,
        int step,
        int epoch,
        String reason,
        int attempt,
        long sizeBytes,
        boolean hasModel,
        boolean best,
        String artifact,
        Instant createdAt) {

    /** What a trainer tells of one; it is to be stored under the key. */
    public static Checkpoint of(Attempt attempt, JsonNode told) {
        int step = told.path("step").asInt();
        String reason = told.path("reason").asString();
        return new Checkpoint(
                attempt.jobId(),
                step,
                told.path("epoch").asInt(),
                reason,
                attempt.number(),
                told.path("size_bytes").asLong(),
                told.path("has_model").asBoolean(),
                false,
                "checkpoints/%s/%d-%d-%s".formatted(attempt.jobId(), attempt.number(), step, reason),
                null);
    }
}
