package dev.anneal.worker.executor;

import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** A started trainer: its events, the tail of its log and its exit code. It does not outlive the worker that started it. */
public interface RunningTrainer {
    /**
     * Passes on the events in order until the trainer ends, then returns its exit code. Log lines come from another thread.
     */
    int follow(BiConsumer<String, JsonNode> event, Consumer<String> logLine) throws IOException;

    /** Asks the trainer to write a checkpoint after the current step and stop; {@link #follow} then returns. */
    void stop();

    /** Kills the trainer if it still runs; {@link #follow} then returns. */
    void kill();

    /** Returns whether the kernel's OOM killer may have killed the trainer. */
    default boolean mayHaveRunOutOfMemory() {
        return true;
    }

    /** Returns the last lines of its log. */
    List<String> tail();
}
