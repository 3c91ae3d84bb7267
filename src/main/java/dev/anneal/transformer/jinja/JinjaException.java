package dev.anneal.transformer.jinja;

/** A template that cannot be read or fails; the message says in which line. */
public final class JinjaException extends RuntimeException {
    private final boolean refusal;

    JinjaException(String message) {
        this(message, false);
    }

    private JinjaException(String message, boolean refusal) {
        super(message);
        this.refusal = refusal;
    }

    /** What {@code raise_exception} throws: the template's own words about its input. */
    static JinjaException refusal(String message) {
        return new JinjaException(message, true);
    }

    JinjaException inLine(int line) {
        return refusal || getMessage().startsWith("line ")
                ? this
                : new JinjaException("line " + line + ": " + getMessage());
    }

    public boolean isRefusal() {
        return refusal;
    }
}
