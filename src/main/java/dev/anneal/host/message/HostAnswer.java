package dev.anneal.host.message;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A line from a host to the server, with one of its parts: the result or the error that ends a call, a piece of a text that is
 * being generated, or for id 0 what the host says of itself: {@code alive} while calls are in progress, {@code loaded} once it
 * can predict or generate, {@code computed} with the batches since the last such line, or {@code stalled} with the step that takes
 * too long, after which it ends.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostAnswer(
        long id,
        @Nullable JsonNode result,
        @Nullable String piece,
        @Nullable Failure error,
        @Nullable Boolean alive,
        @Nullable Stalled stalled,
        @Nullable Loaded loaded,
        @Nullable Computed computed) {
    /** The precision of a model, and the largest difference of a probability from fp32 that a check found. */
    public record Loaded(String precision, double difference) {}

    /** Batches that were computed, the texts in them, and the seconds that they took; a step of generation is a batch, too. */
    public record Computed(long batches, long texts, double seconds) {}

    /** A step that takes too long, as the end of a sentence, and the ids of its calls; {@link RunningSteps#LOADING} for all. */
    public record Stalled(String step, List<Long> calls) {}

    /** The most bytes of a line. Answers are read whole, so that a host must not fill the memory of the server. */
    public static final int MAX_BYTES = 32 << 20;

    /** The code of a call that failed because the model's files cannot be loaded. */
    public static final String UNUSABLE = "model_unusable";

    /** A call that failed, with the code, the HTTP status and the message of the problem. */
    public record Failure(String code, int status, String message) {}

    public static HostAnswer result(long id, JsonNode result) {
        return new HostAnswer(id, result, null, null, null, null, null, null);
    }

    public static HostAnswer piece(long id, String text) {
        return new HostAnswer(id, null, text, null, null, null, null, null);
    }

    public static HostAnswer error(long id, Failure failure) {
        return new HostAnswer(id, null, null, failure, null, null, null, null);
    }

    public static HostAnswer isAlive() {
        return new HostAnswer(0, null, null, null, true, null, null, null);
    }

    public static HostAnswer stalled(Stalled step) {
        return new HostAnswer(0, null, null, null, null, step, null, null);
    }

    public static HostAnswer computed(Computed computed) {
        return new HostAnswer(0, null, null, null, null, null, null, computed);
    }

    public static HostAnswer loaded(Loaded loaded) {
        return new HostAnswer(0, null, null, null, null, null, loaded, null);
    }
}
