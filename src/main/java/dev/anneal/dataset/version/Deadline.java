package dev.anneal.dataset.version;

import dev.anneal.web.Problem;
import java.time.Duration;

/** The time by which the steps must have ended. */
public final class Deadline {
    private final Duration allowed;
    private final long start = System.nanoTime();

    public Deadline(Duration allowed) {
        this.allowed = allowed;
    }

    /** Returns the time that is left, which may be none. */
    public Duration left() {
        Duration left = allowed.minusNanos(System.nanoTime() - start);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Throws a problem if the time is over. */
    public void check() {
        if (System.nanoTime() - start > allowed.toNanos()) {
            throw Problem.invalid(
                    "steps",
                    "steps_too_slow",
                    "The steps took longer than %,d seconds (anneal.upload.max-version-time), so no version was made. Make several versions, each with a part of the steps, or use fewer rows."
                            .formatted(allowed.toSeconds()));
        }
    }
}
