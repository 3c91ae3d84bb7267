package dev.anneal.evaluation.interval;

/** A range that contains the true value in 95 % of all samples. */
public record Interval(double low, double high) {}
