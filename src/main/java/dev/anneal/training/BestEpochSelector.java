package dev.anneal.training;

import dev.anneal.evaluation.Metric;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.ValidationSteps;
import dev.anneal.training.checkpoint.TrainingState;
import dev.anneal.training.event.BestEpoch;
import dev.anneal.training.event.EpochMetrics;
import org.jspecify.annotations.Nullable;

/**
 * Selects the validation whose model is published and decides when training is over. Without validation rows the last epoch is
 * the best.
 */
record BestEpochSelector(JobSpec spec, ValidationSteps validations, boolean hasValidation) {
    /** Returns the state after a validation with these metrics. */
    TrainingState select(TrainingState state, EpochMetrics metrics) {
        boolean better = !hasValidation || state.best() == null || isBetter(metrics, state.best());
        boolean gain = spec.earlyStopping() != null
                && (state.lastGain() == null
                        || gain(metrics, state.lastGain())
                                > spec.earlyStopping().minDelta());
        return state.validated(
                metrics.seconds() - state.seconds(),
                better ? metrics : state.best(),
                gain ? metrics : state.lastGain());
    }

    /** Compares two validations by the selecting metric and, if it is equal, by their validation loss. */
    private boolean isBetter(EpochMetrics epoch, EpochMetrics best) {
        double gain = gain(epoch, best);
        return gain > 0 || gain == 0 && epoch.value(Metric.LOSS) < best.value(Metric.LOSS);
    }

    private double gain(EpochMetrics epoch, EpochMetrics other) {
        Metric metric = spec.bestMetric();
        return metric.gain(epoch.value(metric), other.value(metric));
    }

    boolean isOver(TrainingState state) {
        return state.validated() && (state.step() >= validations.steps() || isStoppedEarly(state));
    }

    boolean isStoppedEarly(TrainingState state) {
        return spec.earlyStopping() != null
                && state.lastGain() != null
                && validations.within(state.step())
                                - validations.within(state.lastGain().step())
                        >= spec.earlyStopping().patience();
    }

    /** Returns the best epoch so far, if there was a validation. */
    @Nullable
    BestEpoch best(TrainingState state) {
        EpochMetrics best = state.best();
        if (best == null) {
            return null;
        }
        return hasValidation
                ? new BestEpoch(best.epoch(), best.step(), spec.bestMetric(), best.value(spec.bestMetric()))
                : new BestEpoch(best.epoch(), best.step(), null, null);
    }
}
