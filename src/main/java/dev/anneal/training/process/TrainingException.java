package dev.anneal.training.process;

/** Thrown when training cannot start or continue. The user of the job reads the message. */
public class TrainingException extends RuntimeException {
    public TrainingException(String message) {
        super(message);
    }

    /** Thrown for a loss or a gradient that is not finite. */
    public static final class Diverged extends TrainingException {
        private Diverged() {
            super("Training diverged: the loss is no longer a finite number. Use a lower learning_rate.");
        }
    }

    public static TrainingException diverged() {
        return new Diverged();
    }

    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
