package dev.anneal.transformer.jinja;

/** Thrown when a template cannot be parsed or rendered; the message names the line. */
public final class JinjaException extends RuntimeException {
    private final String message;
    private final boolean refusal;

    JinjaException(String message) {
        this(message, false);
    }

    private JinjaException(String message, boolean refusal) {
        super(message);
        this.message = message;
        this.refusal = refusal;
    }

    /** Returns what {@code raise_exception} throws: a message of the template about its input. */
    static JinjaException refusal(String message) {
        return new JinjaException(message, true);
    }

    JinjaException inLine(int line) {
        return refusal || message.startsWith("line ") ? this : new JinjaException("line " + line + ": " + message);
    }

    public boolean isRefusal() {
        return refusal;
    }
}
