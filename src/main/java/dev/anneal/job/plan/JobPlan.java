package dev.anneal.job.plan;

import dev.anneal.dataset.Dataset;
import dev.anneal.model.Model;
import dev.anneal.training.spec.Hyperparameters;
import dev.anneal.transformer.architecture.Task;
import java.util.List;

/** A request that fits, with everything that it had left open; {@code trainRows} are those of the subset. */
public record JobPlan(
        JobRequest request,
        Task task,
        TaskOptions taskOptions,
        Model base,
        Dataset dataset,
        List<String> labels,
        Method method,
        Hyperparameters hyperparameters,
        long trainRows) {}
