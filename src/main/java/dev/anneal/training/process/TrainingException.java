package dev.anneal.training.process;

/** Thrown when training cannot start or continue. The user of the job reads the message. */
public class TrainingException extends RuntimeException {
    public TrainingException(String message) {
        super(message);
    }

    /** Returns the exception for a loss or a gradient that is not finite. */
    public static TrainingException diverged() {
        return new TrainingException(
                "Training diverged: the loss is no longer a finite number. Use a lower learning_rate.");
    }

    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
