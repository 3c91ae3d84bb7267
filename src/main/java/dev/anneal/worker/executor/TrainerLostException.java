package dev.anneal.worker.executor;

import java.io.IOException;

/** Thrown when something other than the worker ended a trainer or hides it. The message says what, in a sentence. */
public final class TrainerLostException extends IOException {
    /** The consequence for the job. */
    public enum Loss {
        /** Not the job's fault: it has many such attempts. */
        KILL,
        /** The cluster is unavailable, which counts like a kill. */
        OUTAGE,
        /** The machine's memory ran out. */
        MEMORY,
        /** One of the job's attempts. */
        RETRY
    }

    private final Loss loss;

    public TrainerLostException(String message) {
        this(message, Loss.KILL);
    }

    public TrainerLostException(String message, Loss loss) {
        super(message);
        this.loss = loss;
    }

    public String reason() {
        return String.valueOf(getMessage());
    }

    public Loss loss() {
        return loss;
    }
}
