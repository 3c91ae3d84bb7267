package dev.anneal.job.plan;

import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;

/** What a job would take, on the wire; {@code seconds} is null where no such job has been run yet. */
public record JobEstimate(
        String task,
        long trainRows,
        long trainExamples,
        int epochs,
        long steps,
        long parameters,
        long trainedParameters,
        long memoryBytes,
        Double seconds,
        TaskOptions taskOptions,
        Method method,
        Hyperparameters hyperparameters) {}
