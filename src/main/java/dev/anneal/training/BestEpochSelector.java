package dev.anneal.training;

import dev.anneal.evaluation.Metric;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.checkpoint.TrainingState;
import dev.anneal.training.event.BestEpoch;
import dev.anneal.training.event.EpochMetrics;
import org.jspecify.annotations.Nullable;

/**
 * Selects the epoch whose model is published and decides when training is over. Without validation rows the last epoch is
 * the best.
 */
record BestEpochSelector(JobSpec spec, int epochs, boolean hasValidation) {
    /** Returns the state after an epoch with these metrics. */
    TrainingState select(TrainingState state, EpochMetrics metrics) {
        boolean better = !hasValidation || state.best() == null || isBetter(metrics, state.best());
        boolean gain = spec.earlyStopping() != null
                && (state.lastGain() == null
                        || gain(metrics, state.lastGain())
                                > spec.earlyStopping().minDelta());
        return state.validated(better ? metrics : state.best(), gain ? metrics : state.lastGain());
    }

    /** Compares two epochs by the selecting metric and, if it is equal, by their validation loss. */
    private boolean isBetter(EpochMetrics epoch, EpochMetrics best) {
        double gain = gain(epoch, best);
        return gain > 0 || gain == 0 && epoch.value(Metric.LOSS) < best.value(Metric.LOSS);
    }

    private double gain(EpochMetrics epoch, EpochMetrics other) {
        Metric metric = spec.bestMetric();
        return metric.gain(epoch.value(metric), other.value(metric));
    }

    boolean isOver(TrainingState state) {
        return state.validated() && (state.epoch() >= epochs || isStoppedEarly(state));
    }

    boolean isStoppedEarly(TrainingState state) {
        return spec.earlyStopping() != null
                && state.lastGain() != null
                && state.epoch() - state.lastGain().epoch()
                        >= spec.earlyStopping().patience();
    }

    /** Returns the best epoch so far, if one has ended. */
    @Nullable
    BestEpoch best(TrainingState state) {
        EpochMetrics best = state.best();
        if (best == null) {
            return null;
        }
        return hasValidation
                ? new BestEpoch(best.epoch(), spec.bestMetric(), best.value(spec.bestMetric()))
                : new BestEpoch(best.epoch(), null, null);
    }
}
