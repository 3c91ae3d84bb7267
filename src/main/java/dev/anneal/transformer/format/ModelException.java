package dev.anneal.transformer.format;

import dev.anneal.text.Visible;

/** Thrown when a model directory cannot be used; the message for the user names the file and the problem. */
public class ModelException extends RuntimeException {
    private static final int MAX_MESSAGE = 600;

    public ModelException(String message) {
        super(Visible.of(message, MAX_MESSAGE));
    }

    public ModelException(String message, Throwable cause) {
        super(Visible.of(message, MAX_MESSAGE), cause);
    }
}
