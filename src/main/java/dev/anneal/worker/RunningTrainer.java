package dev.anneal.worker;

import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** A trainer that was started: its events, the tail of its log, its end. It does not outlive the worker that started it. */
public interface RunningTrainer {
    /**
     * Reads events until the trainer ends, and hands them over in their order; log lines come from a thread of their own.
     * Returns the exit code.
     */
    int follow(BiConsumer<String, JsonNode> event, Consumer<String> logLine) throws IOException;

    /** Asks the trainer to write a checkpoint after its step and to end; {@link #follow} then returns. */
    void stop();

    /** Ends the trainer at once, if it still runs; {@link #follow} then returns. */
    void kill();

    /** Whether, if it was killed, it may have been by the kernel because memory ran out. */
    default boolean mayHaveRunOutOfMemory() {
        return true;
    }

    /** The last lines of its log. */
    List<String> tail();
}
