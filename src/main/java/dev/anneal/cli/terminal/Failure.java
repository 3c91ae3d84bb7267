package dev.anneal.cli.terminal;

/** Thrown when a command cannot do what was asked; the message is shown to the user as it is. */
public class Failure extends RuntimeException {
    protected static final int FAILED = 1;
    protected static final int WRONG_CALL = 2;

    private final int exitCode;

    public Failure(String message) {
        this(message, FAILED);
    }

    protected Failure(String message, int exitCode) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    /** Returns a failure for a command that was called wrongly. */
    public static Failure usage(String message) {
        return new Failure(message, WRONG_CALL);
    }

    /** Returns the failure with another message. */
    public Failure saying(String message) {
        return new Failure(message, exitCode);
    }

    public int exitCode() {
        return exitCode;
    }
}
