package dev.anneal.transformer.format;

/** Thrown when a model directory cannot be used; the message for the user names the file and the problem. */
public class ModelException extends RuntimeException {
    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
