package dev.anneal.spec;

import org.jspecify.annotations.Nullable;

/**
 * The steps after which a training validates: the last one of each epoch and, with {@code eval_steps}, each multiple of it. Steps are
 * counted from 1 over all epochs.
 *
 * @param evalSteps null for the ends of the epochs only
 */
public record ValidationSteps(
        long stepsPerEpoch, int epochs, @Nullable Integer evalSteps) {
    /** Each validation is a row of the job and a point of its curves. */
    private static final int MOST_WITHIN_EPOCHS = 1000;

    /** Returns what is wrong if there are too many validations, as the end of a sentence about {@code eval_steps}; else null. */
    public @Nullable String problem() {
        long least = (steps() + MOST_WITHIN_EPOCHS - 1) / MOST_WITHIN_EPOCHS;
        return evalSteps == null || evalSteps >= least
                ? null
                : "is %,d, but the job has %,d steps and can have at most %,d validations within epochs. Use at least %,d."
                        .formatted(evalSteps, steps(), MOST_WITHIN_EPOCHS, least);
    }

    /** Returns the number of steps in all epochs. */
    public long steps() {
        return Math.multiplyExact(stepsPerEpoch, epochs);
    }

    public boolean isDue(long step) {
        return step % stepsPerEpoch == 0 || evalSteps != null && step % evalSteps == 0;
    }

    /** Returns the number of validations in the first steps. */
    public long within(long steps) {
        long ends = steps / stepsPerEpoch;
        return evalSteps == null ? ends : ends + steps / evalSteps - steps / both(evalSteps);
    }

    /** Returns the number of validations in all epochs. */
    public long count() {
        return within(steps());
    }

    /** Returns the least number of steps that is a multiple of both. */
    private long both(long other) {
        long divisor = other;
        for (long rest = stepsPerEpoch; rest > 0; ) {
            long next = divisor % rest;
            divisor = rest;
            rest = next;
        }
        return stepsPerEpoch / divisor * other;
    }
}
