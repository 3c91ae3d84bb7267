package dev.anneal.evaluation.curve;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The losses of the epochs of a job, and a verdict on them.
 *
 * @param lowestLossEpoch the epoch with the lowest validation loss; null without validation
 * @param message the verdict in words, and what to do
 * @param epochs the losses
 */
public record LearningCurve(
        Verdict verdict, String message, @Nullable Integer lowestLossEpoch, List<Epoch> epochs) {
    /** A validation loss that rises by less than this share of it is near the lowest one. */
    private static final double RISE = 0.05;

    /** A last epoch that lowers the validation loss by at least this share still improves the model. */
    private static final double GAIN = 0.01;

    public enum Verdict {
        /** The training loss falls, but the validation loss rises. */
        OVERFITTING,
        /** Both losses rise. */
        UNSTABLE,
        /** The validation loss still falls in the last epoch. */
        IMPROVING,
        /** The validation loss stays near its lowest value. */
        CONVERGED,
        /** There is one epoch, or no validation. */
        UNKNOWN;

        @JsonValue
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The losses of an epoch, counted from 1. */
    public record Epoch(
            int epoch, double trainLoss, @Nullable Double validationLoss) {}

    /**
     * Returns what the epochs of a job say, in their order.
     *
     * @param published the epoch whose model is published, or null
     */
    public static LearningCurve of(List<Epoch> epochs, @Nullable Integer published) {
        Epoch lowest = null;
        for (Epoch epoch : epochs) {
            if (lowest == null || loss(epoch) < loss(lowest)) {
                lowest = epoch;
            }
        }
        if (lowest == null || epochs.stream().anyMatch(epoch -> epoch.validationLoss() == null)) {
            return new LearningCurve(
                    Verdict.UNKNOWN,
                    "The job has no validation rows, which would show whether the model over-fits. Add a validation split.",
                    null,
                    epochs);
        }
        if (epochs.size() < 2) {
            return new LearningCurve(
                    Verdict.UNKNOWN,
                    "The job has one epoch, which shows no course of the losses.",
                    lowest.epoch(),
                    epochs);
        }
        Epoch last = epochs.get(epochs.size() - 1);
        Epoch before = epochs.get(epochs.size() - 2);
        if (loss(last) > loss(lowest) * (1 + RISE)) {
            return last.trainLoss() < lowest.trainLoss()
                    ? overfitting(epochs, lowest, last, published)
                    : unstable(epochs, lowest, last);
        }
        boolean improves = last == lowest && loss(before) - loss(last) >= GAIN * loss(before) && loss(before) > 0;
        return improves
                ? new LearningCurve(
                        Verdict.IMPROVING,
                        "The validation loss still falls in the last epoch, from %s to %s. More epochs may improve the model."
                                .formatted(text(loss(before)), text(loss(last))),
                        lowest.epoch(),
                        epochs)
                : new LearningCurve(
                        Verdict.CONVERGED,
                        "The validation loss stays near its lowest value, %s in epoch %d. More epochs would change little."
                                .formatted(text(loss(lowest)), lowest.epoch()),
                        lowest.epoch(),
                        epochs);
    }

    private static LearningCurve overfitting(
            List<Epoch> epochs, Epoch lowest, Epoch last, @Nullable Integer published) {
        String message =
                "The model over-fits after epoch %d: the training loss falls from %s to %s, but the validation loss rises from %s to %s."
                        .formatted(
                                lowest.epoch(),
                                text(lowest.trainLoss()),
                                text(last.trainLoss()),
                                text(loss(lowest)),
                                text(loss(last)));
        String which = published == null
                ? ""
                : published <= lowest.epoch()
                        ? " The published model is from epoch %d, before that.".formatted(published)
                        : " The published model is from epoch %d, which has the best metric in spite of it."
                                .formatted(published);
        return new LearningCurve(
                Verdict.OVERFITTING,
                message + which
                        + " Train fewer epochs or set early_stopping, add training rows, or raise dropout or weight_decay.",
                lowest.epoch(),
                epochs);
    }

    private static LearningCurve unstable(List<Epoch> epochs, Epoch lowest, Epoch last) {
        return new LearningCurve(
                Verdict.UNSTABLE,
                "Both losses rise after epoch %d: the training loss from %s to %s, the validation loss from %s to %s. Lower learning_rate."
                        .formatted(
                                lowest.epoch(),
                                text(lowest.trainLoss()),
                                text(last.trainLoss()),
                                text(loss(lowest)),
                                text(loss(last))),
                lowest.epoch(),
                epochs);
    }

    private static double loss(Epoch epoch) {
        Double loss = epoch.validationLoss();
        return loss == null ? Double.POSITIVE_INFINITY : loss;
    }

    private static String text(double loss) {
        return String.format(Locale.ROOT, loss >= 0.001 && loss < 10_000 ? "%.3f" : "%.2e", loss);
    }
}
