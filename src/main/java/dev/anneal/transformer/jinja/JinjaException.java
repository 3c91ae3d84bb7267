package dev.anneal.transformer.jinja;

import dev.anneal.text.Visible;
import java.util.NoSuchElementException;

/** Thrown when a template cannot be parsed or rendered; the message names the line. */
public final class JinjaException extends RuntimeException {
    private static final int MAX_MESSAGE = 300;

    private final String message;
    private final boolean refusal;

    JinjaException(String message) {
        this(message, false);
    }

    private JinjaException(String message, boolean refusal) {
        super(message);
        this.message = Visible.of(message, MAX_MESSAGE);
        this.refusal = refusal;
    }

    /** Returns what {@code raise_exception} throws: a message of the template about its input. */
    static JinjaException refusal(String message) {
        return new JinjaException(message, true);
    }

    /** Returns the fault of the template that a failed operation on its values shows. */
    static JinjaException of(RuntimeException failure) {
        if (failure instanceof JinjaException ours) {
            return ours;
        } else if (failure instanceof NumberFormatException) {
            return new JinjaException("a number is not valid or too large");
        } else if (failure instanceof ArithmeticException) {
            return new JinjaException("a number is too large, or divided by 0");
        } else if (failure instanceof IndexOutOfBoundsException || failure instanceof NoSuchElementException) {
            return new JinjaException("an argument is missing");
        }
        return new JinjaException("a value has the wrong type");
    }

    /** Returns a part of a template for a message, in quotes. */
    static String quote(String text) {
        return "'" + Visible.quote(text) + "'";
    }

    @Override
    public String getMessage() {
        return message;
    }

    JinjaException inLine(int line) {
        return refusal || message.startsWith("line ") ? this : new JinjaException("line " + line + ": " + message);
    }

    public boolean isRefusal() {
        return refusal;
    }
}
