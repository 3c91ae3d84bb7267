package dev.anneal.model;

import org.jspecify.annotations.Nullable;

/**
 * The precision in which this server computes a model.
 *
 * @param precision {@code fp32} or {@code bf16}
 * @param difference the largest difference of a probability from fp32 that the check of bf16 found; 0 without a
 *     check, and null if bf16 gives no numbers
 */
public record Serving(String precision, @Nullable Double difference) {}
