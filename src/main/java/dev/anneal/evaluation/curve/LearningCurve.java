package dev.anneal.evaluation.curve;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The losses of the epochs of a job, and a verdict on them.
 *
 * @param lowestLossEpoch the epoch with the lowest validation loss, and {@code lowestLossStep} the step of it; null without validation
 * @param message the verdict in words, and what to do
 * @param epochs the losses of each validation
 */
public record LearningCurve(
        Verdict verdict,
        String message,
        @Nullable Integer lowestLossEpoch,
        @Nullable Integer lowestLossStep,
        List<Epoch> epochs) {
    private LearningCurve(Verdict verdict, String message, Epoch lowest, List<Epoch> epochs) {
        this(verdict, message, lowest.epoch(), lowest.step(), epochs);
    }

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
        /** There is one validation, or none. */
        UNKNOWN;

        @JsonValue
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The losses of an epoch, counted from 1, or of one up to a validation within it. */
    public record Epoch(
            int epoch,
            int step,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean withinEpoch,
            double trainLoss,
            @Nullable Double validationLoss) {
        /** Returns the name of the place where it ends. */
        private String place() {
            return withinEpoch ? "step %d in epoch %d".formatted(step, epoch) : "epoch " + epoch;
        }
    }

    /**
     * Returns what the epochs of a job say, in their order.
     *
     * @param published the step whose model is published, or null
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
                    null,
                    epochs);
        }
        if (epochs.size() < 2) {
            return new LearningCurve(
                    Verdict.UNKNOWN, "The job has one epoch, which shows no course of the losses.", lowest, epochs);
        }
        Epoch last = epochs.get(epochs.size() - 1);
        Epoch before = before(last, epochs);
        if (loss(last) > loss(lowest) * (1 + RISE)) {
            boolean isOneEpoch = lowest.epoch() == last.epoch();
            double then = isOneEpoch ? trainLoss(lowest, epochs) : lowest.trainLoss();
            double now = isOneEpoch ? trainLoss(last, epochs) : last.trainLoss();
            return now < then
                    ? overfitting(epochs, lowest, last, then, now, published)
                    : unstable(epochs, lowest, last, then, now);
        }
        boolean improves = last == lowest && loss(before) - loss(last) >= GAIN * loss(before) && loss(before) > 0;
        return improves
                ? new LearningCurve(
                        Verdict.IMPROVING,
                        "The validation loss still falls in the last epoch, from %s to %s. More epochs may improve the model."
                                .formatted(text(loss(before)), text(loss(last))),
                        lowest,
                        epochs)
                : new LearningCurve(
                        Verdict.CONVERGED,
                        "The validation loss stays near its lowest value, %s %s %s. More epochs would change little."
                                .formatted(text(loss(lowest)), lowest.withinEpoch() ? "at" : "in", lowest.place()),
                        lowest,
                        epochs);
    }

    /** Returns the end of the epoch before the last one, or what is nearest to the middle if there is only one epoch. */
    private static Epoch before(Epoch last, List<Epoch> epochs) {
        return epochs.stream()
                .filter(epoch -> epoch.epoch() < last.epoch())
                .reduce((first, second) -> second)
                .orElseGet(() -> epochs.stream()
                        .limit(epochs.size() - 1L)
                        .min(Comparator.comparingInt(epoch -> Math.abs(2 * epoch.step() - last.step())))
                        .orElseThrow());
    }

    /**
     * Returns the training loss since the validation before, if that is in the same epoch, where all steps count alike: the loss of a
     * validation within an epoch is the mean since the start of the epoch, which falls for long after a high start.
     */
    private static double trainLoss(Epoch epoch, List<Epoch> epochs) {
        int start = 0;
        Epoch before = null;
        for (Epoch each : epochs) {
            if (each.epoch() < epoch.epoch()) {
                start = each.step();
            } else if (each.step() < epoch.step()) {
                before = each;
            }
        }
        if (before == null) {
            return epoch.trainLoss();
        }
        double sum = epoch.trainLoss() * (epoch.step() - start) - before.trainLoss() * (before.step() - start);
        return Math.max(0, sum / (epoch.step() - before.step()));
    }

    private static LearningCurve overfitting(
            List<Epoch> epochs, Epoch lowest, Epoch last, double then, double now, @Nullable Integer published) {
        String message =
                "The model over-fits after %s: the training loss falls from %s to %s, but the validation loss rises from %s to %s."
                        .formatted(lowest.place(), text(then), text(now), text(loss(lowest)), text(loss(last)));
        String which = epochs.stream()
                .filter(epoch -> published != null && epoch.step() == published)
                .map(epoch -> (epoch.step() <= lowest.step()
                                ? " The published model is from %s, before that."
                                : " The published model is from %s, which has the best metric in spite of it.")
                        .formatted(epoch.place()))
                .findFirst()
                .orElse("");
        return new LearningCurve(
                Verdict.OVERFITTING,
                message + which
                        + " Train fewer epochs or set early_stopping, add training rows, or raise dropout or weight_decay.",
                lowest,
                epochs);
    }

    private static LearningCurve unstable(List<Epoch> epochs, Epoch lowest, Epoch last, double then, double now) {
        return new LearningCurve(
                Verdict.UNSTABLE,
                "Both losses rise after %s: the training loss from %s to %s, the validation loss from %s to %s. Lower learning_rate."
                        .formatted(lowest.place(), text(then), text(now), text(loss(lowest)), text(loss(last))),
                lowest,
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
