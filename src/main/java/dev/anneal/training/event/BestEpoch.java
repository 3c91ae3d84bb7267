package dev.anneal.training.event;

import dev.anneal.evaluation.Metric;
import org.jspecify.annotations.Nullable;

/** The epoch whose model is published; without validation rows it has no metric and no value. */
public record BestEpoch(
        int epoch, @Nullable Metric metric, @Nullable Double value) {}
