package dev.anneal.training;

import dev.anneal.spec.ValidationSteps;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import org.jspecify.annotations.Nullable;

/** Emits the progress of training, at most once a second, with an estimate of the time left. */
final class Progress {
    private static final double INTERVAL_SECONDS = 1;
    /** The share of forward in a training step: backward costs about twice as much. */
    private static final double FORWARD_SHARE = 1.0 / 3;

    private final EventStream events;
    private final ValidationSteps validations;
    private final int trainExamples;
    private final int validationExamples;
    private final int testExamples;

    /** The number of examples that earlier processes trained on. */
    private long before;

    private double trainSeconds;
    private long trained;
    private @Nullable Double validationSeconds;

    private double sinceSeconds;
    private double sinceLoss;
    private int sinceExamples;
    private int epoch;
    private int step;
    private double learningRate;

    Progress(
            EventStream events,
            ValidationSteps validations,
            int trainExamples,
            int validationExamples,
            int testExamples) {
        this.events = events;
        this.validations = validations;
        this.trainExamples = trainExamples;
        this.validationExamples = validationExamples;
        this.testExamples = testExamples;
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
        this.epoch = epoch;
        this.step = step;
        this.learningRate = learningRate;
        if (trained == examples || sinceSeconds >= INTERVAL_SECONDS) {
            emit();
        }
    }

    /** Emits the last steps before a validation: no later step would soon tell that they are done. */
    void beforeValidation() {
        if (sinceExamples > 0) {
            emit();
        }
    }

    private void emit() {
        events.emit(
                TrainerEvent.STEP,
                new TrainerEvent.Step(
                        null,
                        epoch,
                        validations.epochs(),
                        step,
                        Math.toIntExact(validations.steps()),
                        sinceLoss / sinceExamples,
                        learningRate,
                        sinceExamples / sinceSeconds,
                        eta(),
                        100.0 * step / validations.steps()));
        sinceSeconds = 0;
        sinceLoss = 0;
        sinceExamples = 0;
    }

    void validated(double seconds) {
        validationSeconds = seconds;
    }

    private double eta() {
        double perExample = trainSeconds / trained;
        double perEvaluated =
                validationSeconds == null ? perExample * FORWARD_SHARE : validationSeconds / validationExamples;
        int reported = testExamples > 0 ? testExamples : validationExamples;
        long left = validations.count() - validations.within(step - 1L);
        long evaluated = left * validationExamples + reported;
        return ((long) validations.epochs() * trainExamples - before - trained) * perExample + evaluated * perEvaluated;
    }
}
