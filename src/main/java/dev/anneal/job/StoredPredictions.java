package dev.anneal.job;

/** The artifact with the predictions of a job for rows, and the size of its files. */
public record StoredPredictions(String artifact, long bytes) {}
