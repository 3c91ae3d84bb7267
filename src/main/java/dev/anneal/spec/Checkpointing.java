package dev.anneal.spec;

import org.jspecify.annotations.Nullable;

/**
 * The interval of the checkpoints that a job writes besides those at the end of each epoch, in steps or seconds; none if both
 * are null. The last {@code keep} checkpoints and that of the best epoch are kept.
 */
public record Checkpointing(
        @Nullable Integer everySteps, @Nullable Double everySeconds, int keep) {
    public static final Checkpointing DEFAULT = new Checkpointing(null, null, 2);

    /** Returns this, with the interval in seconds if a request names neither steps nor seconds. */
    public Checkpointing orEvery(double seconds) {
        return everySteps == null && everySeconds == null ? new Checkpointing(null, seconds, keep) : this;
    }
}
