package dev.anneal.training.checkpoint;

import dev.anneal.training.event.EpochMetrics;
import org.jspecify.annotations.Nullable;

/**
 * The state of a run beside weights and optimizer: {@code step} steps are done, {@code position} of them in the current epoch,
 * whose loss so far is {@code lossSum / counted}, and which took {@code seconds} of training and {@code validationSeconds}. Once the
 * step is {@code validated}, the next one begins. All later steps follow from this state and the seed.
 */
public record TrainingState(
        int step,
        int epoch,
        int position,
        double lossSum,
        double counted,
        double seconds,
        double validationSeconds,
        boolean validated,
        @Nullable EpochMetrics best,
        @Nullable EpochMetrics lastGain) {
    public static final TrainingState START = new TrainingState(0, 1, 0, 0, 0, 0, 0, false, null, null);

    public TrainingState stepped(double count) {
        return new TrainingState(
                step + 1,
                epoch,
                position + 1,
                lossSum,
                counted + count,
                seconds,
                validationSeconds,
                false,
                best,
                lastGain);
    }

    /** Adds the loss of a step, which is known after it. */
    public TrainingState withLoss(double loss, double count) {
        return new TrainingState(
                step,
                epoch,
                position,
                lossSum + loss * count,
                counted,
                seconds,
                validationSeconds,
                validated,
                best,
                lastGain);
    }

    public TrainingState took(double more) {
        return new TrainingState(
                step, epoch, position, lossSum, counted, seconds + more, validationSeconds, validated, best, lastGain);
    }

    /** Records a validation, after which the validations of the epoch have taken so many seconds. */
    public TrainingState validated(double allSeconds, @Nullable EpochMetrics best, @Nullable EpochMetrics lastGain) {
        return new TrainingState(step, epoch, position, lossSum, counted, seconds, allSeconds, true, best, lastGain);
    }

    public TrainingState nextEpoch() {
        return new TrainingState(step, epoch + 1, 0, 0, 0, 0, 0, false, best, lastGain);
    }
}
