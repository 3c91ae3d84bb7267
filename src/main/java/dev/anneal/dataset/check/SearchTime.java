package dev.anneal.dataset.check;

import java.time.Duration;

/** The time that a search for almost equal texts may take. It begins with the first question whether it is over. */
public final class SearchTime {
    private final Duration allowed;
    private final String limit;
    private final Runnable check;
    private long start;
    private boolean begun;
    private boolean over;

    /**
     * Creates a time.
     *
     * @param limit says what limits the time, for a message
     * @param check throws if the result of the search is not needed any more
     */
    public SearchTime(Duration allowed, String limit, Runnable check) {
        this.allowed = allowed;
        this.limit = limit;
        this.check = check;
    }

    /** Returns whether the time is over. */
    boolean isOver() {
        check.run();
        if (!begun) {
            begun = true;
            start = System.nanoTime();
        }
        over |= System.nanoTime() - start >= allowed.toNanos();
        return over;
    }

    /** Returns whether the time ended the search. */
    boolean hasEnded() {
        return over;
    }

    /** Returns how long the search took, for a message. */
    String text() {
        return "%,d seconds (%s)".formatted(allowed.toSeconds(), limit);
    }
}
