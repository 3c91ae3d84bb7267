package dev.anneal.spec;

import org.jspecify.annotations.Nullable;

/**
 * When a job writes checkpoints besides those at the end of each epoch: every so many steps or seconds, never if null. The
 * last {@code keep} checkpoints and that of the best epoch are kept.
 */
public record Checkpointing(
        @Nullable Integer everySteps, @Nullable Double everySeconds, int keep) {
    public static final Checkpointing DEFAULT = new Checkpointing(null, null, 2);

    /** Returns this, with the interval in seconds if a request names neither steps nor seconds. */
    public Checkpointing orEvery(double seconds) {
        return everySteps == null && everySeconds == null ? new Checkpointing(null, seconds, keep) : this;
    }
}
