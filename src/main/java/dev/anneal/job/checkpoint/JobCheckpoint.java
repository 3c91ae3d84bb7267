package dev.anneal.job.checkpoint;

import dev.anneal.job.queue.Attempt;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A stored checkpoint of a job. {@code artifact} is its key in the store; {@code best} marks that of the best epoch so far. */
public record JobCheckpoint(
        String jobId,
        int step,
        int epoch,
        String reason,
        int attempt,
        long sizeBytes,
        boolean hasModel,
        boolean best,
        String artifact,
        @Nullable Instant createdAt) {

    /** Returns the checkpoint that a trainer's event describes, with the key under which it will be stored. */
    public static JobCheckpoint of(Attempt attempt, JsonNode event) {
        int step = event.path("step").asInt();
        String reason = event.path("reason").asString();
        return new JobCheckpoint(
                attempt.jobId(),
                step,
                event.path("epoch").asInt(),
                reason,
                attempt.number(),
                event.path("size_bytes").asLong(),
                event.path("has_model").asBoolean(),
                false,
                "checkpoints/%s/%d-%d-%s"
                        .formatted(
                                attempt.jobId(),
                                attempt.number(),
                                step,
                                step == 0 ? reason + "-" + event.path("epoch").asInt() : reason),
                null);
    }
}
