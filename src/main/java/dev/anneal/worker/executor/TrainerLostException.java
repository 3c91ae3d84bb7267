package dev.anneal.worker.executor;

import java.io.IOException;

/** Thrown when something other than the worker ended a trainer. The message says what, in a sentence. */
public final class TrainerLostException extends IOException {
    public TrainerLostException(String message) {
        super(message);
    }

    public String reason() {
        return String.valueOf(getMessage());
    }
}
