package dev.anneal.training.event;

import dev.anneal.evaluation.Metric;

/** The epoch whose model is published; metric and value are null if there are no validation rows. */
public record BestEpoch(int epoch, Metric metric, Double value) {}
