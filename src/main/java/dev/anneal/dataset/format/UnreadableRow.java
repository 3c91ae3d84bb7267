package dev.anneal.dataset.format;

import java.io.IOException;

/** Thrown when a row cannot be read, nor those after it. */
public final class UnreadableRow extends IOException {
    private final long line;

    UnreadableRow(long line, String message) {
        super(message);
        this.line = line;
    }

    /** Returns the line in which the row begins, or the part of it that cannot be read. */
    public long line() {
        return line;
    }
}
