package dev.anneal.training;

/**
 * Linear warm-up to the peak, then linear decay that would reach 0 one step after the last. It is the schedule of
 * transformers, but for the warm-up, whose first step is not 0 here.
 */
record LearningRate(double peak, int warmupSteps, int steps) {
    static LearningRate of(Hyperparameters hyperparameters, int steps) {
        int warmup = Math.min(steps - 1, (int) Math.ceil(hyperparameters.warmupRatio() * steps));
        return new LearningRate(hyperparameters.learningRate(), warmup, steps);
    }

    /** The rate of a step, counted from 1. */
    double at(int step) {
        return step <= warmupSteps
                ? peak * step / (warmupSteps + 1)
                : peak * (steps - step + 1) / (steps - warmupSteps);
    }
}
