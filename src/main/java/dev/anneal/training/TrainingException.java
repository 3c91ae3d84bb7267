package dev.anneal.training;

/** Why training cannot start or go on; the message is fit for the user of the job. */
public class TrainingException extends RuntimeException {
    public TrainingException(String message) {
        super(message);
    }

    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
