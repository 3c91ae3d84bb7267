package dev.anneal.training.optimizer;

import dev.anneal.spec.Hyperparameters;

/**
 * Linear warm-up to the peak, then as the schedule says: linearly or along half a cosine to 0, which would be reached one
 * step after the last, or constant. They are the schedules of transformers, but for the warm-up, whose first step is not 0
 * here.
 */
public record LearningRate(double peak, Hyperparameters.Schedule schedule, int warmupSteps, int steps) {
    public static LearningRate of(Hyperparameters hyperparameters, int steps) {
        int warmup = hyperparameters.warmupSteps() != null
                ? hyperparameters.warmupSteps()
                : (int) Math.ceil(hyperparameters.warmupRatio() * steps);
        return new LearningRate(
                hyperparameters.learningRate(), hyperparameters.lrSchedulerType(), Math.min(steps - 1, warmup), steps);
    }

    /** Returns the rate of a step, counted from 1; 0 of a step after the last. */
    public double at(int step) {
        if (step <= warmupSteps) {
            return peak * step / (warmupSteps + 1);
        }
        double left = Math.max(0, (double) (steps - step + 1) / (steps - warmupSteps));
        return switch (schedule) {
            case LINEAR -> peak * left;
            case COSINE -> peak * 0.5 * (1 - Math.cos(Math.PI * left));
            case CONSTANT -> peak;
        };
    }
}
