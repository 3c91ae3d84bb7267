package dev.anneal.dataset.version;

import dev.anneal.web.Problem;
import java.time.Duration;

/** The time by which the steps must have ended. They also end if they are cancelled. */
public final class Deadline {
    private final Duration allowed;
    private final Runnable cancelled;
    private final long start = System.nanoTime();

    /**
     * Creates a deadline.
     *
     * @param cancelled throws if the steps have to end
     */
    public Deadline(Duration allowed, Runnable cancelled) {
        this.allowed = allowed;
        this.cancelled = cancelled;
    }

    /** Returns the time that is left, which may be none. */
    public Duration left() {
        Duration left = allowed.minusNanos(System.nanoTime() - start);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Throws a problem if the time is over, or what tells that the steps are cancelled. */
    public void check() {
        cancelled.run();
        if (System.nanoTime() - start > allowed.toNanos()) {
            throw Problem.invalid(
                    "steps",
                    "steps_too_slow",
                    "The steps took longer than %,d seconds (anneal.upload.max-version-time), so no version was made. Make several versions, each with a part of the steps, or use fewer rows."
                            .formatted(allowed.toSeconds()));
        }
    }
}
