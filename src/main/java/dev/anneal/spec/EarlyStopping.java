package dev.anneal.spec;

/** Ends training if the metric of the validation rows improves by no more than {@code minDelta} in {@code patience} validations. */
public record EarlyStopping(String metric, int patience, double minDelta) {}
