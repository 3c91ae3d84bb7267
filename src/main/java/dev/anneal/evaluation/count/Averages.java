package dev.anneal.evaluation.count;

import org.jspecify.annotations.Nullable;

/** The averages of the labels: each label counts the same ({@code macro}), each decision ({@code micro}), or each label by its examples. */
public record Averages(Average macro, Average micro, Average weighted) {
    /** A figure is null if it is not defined. */
    public record Average(
            @Nullable Double precision,
            @Nullable Double recall,
            @Nullable Double f1) {}
}
