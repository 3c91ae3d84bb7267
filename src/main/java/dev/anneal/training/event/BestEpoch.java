package dev.anneal.training.event;

import dev.anneal.evaluation.Metric;

/** The epoch whose weights are published; metric and value are null where there are no validation rows. */
public record BestEpoch(int epoch, Metric metric, Double value) {}
