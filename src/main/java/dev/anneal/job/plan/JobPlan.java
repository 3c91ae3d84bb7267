package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.model.Model;
import dev.anneal.spec.JobSpec;

/**
 * A request that was checked, with every choice made; {@code trainRows} counts the training rows of its subset, {@code replayRows}
 * those of another dataset that are trained with them; the other two count the rows that are evaluated after each epoch and after the training.
 */
public record JobPlan(
        JobRequest request,
        JobSpec spec,
        Model base,
        Dataset dataset,
        long trainRows,
        long replayRows,
        long validationRows,
        long testRows) {}
