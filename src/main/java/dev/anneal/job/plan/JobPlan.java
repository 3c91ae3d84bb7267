package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.model.Model;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.ValidationSteps;

/**
 * A request that was checked, with every choice made; {@code trainRows} counts the training rows of its subset, {@code replayRows}
 * those of another dataset that are trained with them; the other two count the rows that are evaluated in each validation and after
 * the training.
 */
public record JobPlan(
        JobRequest request,
        JobSpec spec,
        Model base,
        Dataset dataset,
        long trainRows,
        long replayRows,
        long validationRows,
        long testRows) {
    /** Returns the steps after which a training on so many examples validates. */
    ValidationSteps validations(long examples) {
        Hyperparameters chosen = spec.hyperparameters();
        long perStep = (long) chosen.batchSize() * chosen.gradientAccumulationSteps();
        return new ValidationSteps(
                Math.max(1, (examples + perStep - 1) / perStep), chosen.epochs(), chosen.evalSteps());
    }
}
