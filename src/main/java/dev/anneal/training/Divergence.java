package dev.anneal.training;

import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.check.WeightScan;
import java.nio.file.Path;

/** Finds out why a loss or a gradient is not finite: only after some steps can the learning rate be the reason. */
final class Divergence {
    private Divergence() {}

    /** Returns the exception for the user, by the weights of the base model and the steps that were trained before. */
    static TrainingException explain(TrainingException.Diverged diverged, Path base, String baseModel, int steps) {
        String tensor = WeightScan.firstNotFinite(base);
        if (tensor != null) {
            return new TrainingException(
                    "The base model '%s' cannot be trained: its tensor '%s' contains a number that is infinite or not a number. Import a model with correct weights."
                            .formatted(baseModel, tensor),
                    diverged);
        }
        return steps > 0
                ? diverged
                : new TrainingException(
                        "The loss or a gradient of the first step is infinite or not a number, before any weight has changed. Check the rows and the weights of the base model, or set precision to fp32.",
                        diverged);
    }
}
