package dev.anneal.training;

import dev.anneal.training.checkpoint.TrainingState;
import dev.anneal.training.event.BestEpoch;
import dev.anneal.training.spec.EpochMetrics;
import dev.anneal.training.spec.TrainingSpec;

/** Which epoch is published, and whether another one is worth its time. */
record BestEpochSelector(TrainingSpec spec, int epochs, boolean validated) {
    /** The state after an epoch with these figures. Without validation rows the last epoch is the best. */
    TrainingState after(TrainingState state, EpochMetrics metrics) {
        boolean better = !validated || state.best() == null || spec.selection().compare(metrics, state.best()) > 0;
        boolean gain = spec.earlyStopping() != null
                && (state.lastGain() == null
                        || spec.selection().gain(metrics, state.lastGain())
                                > spec.earlyStopping().minDelta());
        return state.validated(better ? metrics : state.best(), gain ? metrics : state.lastGain());
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

    /** Null before the first epoch has ended. */
    BestEpoch best(TrainingState state) {
        EpochMetrics best = state.best();
        if (best == null) {
            return null;
        }
        return validated
                ? new BestEpoch(best.epoch(), spec.selection(), spec.selection().of(best))
                : new BestEpoch(best.epoch(), null, null);
    }
}
