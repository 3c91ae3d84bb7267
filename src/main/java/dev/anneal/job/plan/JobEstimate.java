package dev.anneal.job.plan;

import dev.anneal.dataset.statistics.TokenStatistics;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import org.jspecify.annotations.Nullable;

/**
 * The estimated cost of a job, as the API shows it. {@code seconds} is null if no similar job has succeeded yet, and
 * {@code truncation} if nothing is truncated or nobody could tell in time.
 */
public record JobEstimate(
        String task,
        long trainRows,
        long trainExamples,
        long validationRows,
        long testRows,
        int epochs,
        long steps,
        long parameters,
        long trainedParameters,
        long memoryBytes,
        long memoryBytesWithoutCheckpointing,
        @Nullable Double seconds,
        TaskOptions taskOptions,
        Method method,
        Hyperparameters hyperparameters,
        TokenStatistics.@Nullable Beyond truncation) {}
