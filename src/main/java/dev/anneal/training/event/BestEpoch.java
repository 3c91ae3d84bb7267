package dev.anneal.training.event;

import dev.anneal.evaluation.Metric;
import org.jspecify.annotations.Nullable;

/** The epoch, and the step in it, whose model is published; without validation rows it has no metric and no value. */
public record BestEpoch(
        int epoch,
        int step,
        @Nullable Metric metric,
        @Nullable Double value) {}
