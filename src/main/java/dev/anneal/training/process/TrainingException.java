package dev.anneal.training.process;

/** Why training cannot start or go on; the message is fit for the user of the job. */
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
