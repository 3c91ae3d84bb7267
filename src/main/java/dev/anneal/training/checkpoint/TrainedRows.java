package dev.anneal.training.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * The training rows of a run.
 *
 * @param examples the number of training examples
 * @param drawn a hash of the numbers of the rows that were drawn for a subset; null if all rows are trained on
 */
public record TrainedRows(int examples, @Nullable String drawn) {}
