package dev.anneal.cli;

/** An end that the user is told about in words, with the exit code that goes with it. */
class Failure extends RuntimeException {
    private final int exitCode;

    Failure(String message) {
        this(message, 1);
    }

    private Failure(String message, int exitCode) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    /** The command line itself was wrong. */
    static Failure usage(String message) {
        return new Failure(message, 2);
    }

    int exitCode() {
        return exitCode;
    }
}
