package dev.anneal.job;

/** What a job trains with, every value chosen. {@code precision} stays `auto` until a worker knows its processor. */
public record Hyperparameters(
        int epochs,
        int batchSize,
        double learningRate,
        double weightDecay,
        double warmupRatio,
        double maxGradNorm,
        double dropout,
        int maxLength,
        String precision,
        int seed) {}
