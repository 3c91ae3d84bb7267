package dev.anneal.training;

/**
 * The figures of a finished epoch (counted from 1): {@code step} is its last one, {@code learningRate} that of this step,
 * {@code seconds} those of the whole epoch with validation. The validation figures are null where there are no such rows.
 */
public record EpochMetrics(
        int epoch,
        int step,
        double trainLoss,
        Double validationLoss,
        double learningRate,
        double examplesPerSecond,
        double seconds,
        Double accuracy,
        Double f1Macro) {}
