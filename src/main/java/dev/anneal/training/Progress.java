package dev.anneal.training;

import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import org.jspecify.annotations.Nullable;

/** Emits the progress of training, at most once a second, with an estimate of the time left. */
final class Progress {
    private static final double INTERVAL_SECONDS = 1;
    /** The share of forward in a training step: backward costs about twice as much. */
    private static final double FORWARD_SHARE = 1.0 / 3;

    private final EventStream events;
    private final int epochs;
    private final int steps;
    private final int trainExamples;
    private final int validationExamples;

    /** The number of examples that earlier processes trained on. */
    private long before;

    private double trainSeconds;
    private long trained;
    private @Nullable Double validationSeconds;

    private double sinceSeconds;
    private double sinceLoss;
    private int sinceExamples;

    Progress(EventStream events, int epochs, int steps, int trainExamples, int validationExamples) {
        this.events = events;
        this.epochs = epochs;
        this.steps = steps;
        this.trainExamples = trainExamples;
        this.validationExamples = validationExamples;
    }

    /** Records that earlier processes trained on so many examples. */
    void resumed(long examples) {
        before = examples;
    }

    /** Records a step, counted from 1 over all epochs. */
    void stepped(int epoch, int step, int examples, double loss, double learningRate, double seconds) {
        trainSeconds += seconds;
        trained += examples;
        sinceSeconds += seconds;
        sinceLoss += loss * examples;
        sinceExamples += examples;
        if (trained == examples || sinceSeconds >= INTERVAL_SECONDS) {
            events.emit(
                    TrainerEvent.STEP,
                    new TrainerEvent.Step(
                            epoch,
                            epochs,
                            step,
                            steps,
                            sinceLoss / sinceExamples,
                            learningRate,
                            sinceExamples / sinceSeconds,
                            eta(epoch),
                            100.0 * step / steps));
            sinceSeconds = 0;
            sinceLoss = 0;
            sinceExamples = 0;
        }
    }

    void validated(double seconds) {
        validationSeconds = seconds;
    }

    private double eta(int epoch) {
        double perExample = trainSeconds / trained;
        double validation =
                validationSeconds == null ? validationExamples * perExample * FORWARD_SHARE : validationSeconds;
        return ((long) epochs * trainExamples - before - trained) * perExample + (epochs - epoch + 1) * validation;
    }
}
