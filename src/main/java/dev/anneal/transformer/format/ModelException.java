package dev.anneal.transformer.format;

/** A model directory that cannot be used; the message says which file, what is wrong with it, and is fit for a user. */
public class ModelException extends RuntimeException {
    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
