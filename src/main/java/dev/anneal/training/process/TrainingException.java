package dev.anneal.training.process;

/** Why training cannot start or go on; the message is fit for the user of the job. */
public class TrainingException extends RuntimeException {
    public TrainingException(String message) {
        super(message);
    }

    /** The weights have left the range of numbers. */
    public static TrainingException diverged() {
        return new TrainingException(
                "training diverged: the loss is no longer a finite number; use a lower learning_rate");
    }

    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
