package dev.anneal.dataset.problem;

import org.jspecify.annotations.Nullable;

/** A problem of a row or, without a line, of the whole dataset, on the wire. The file is null if there is only one. */
public record ProblemView(
        long number,
        @Nullable String file,
        @Nullable Long line,
        @Nullable String column,
        Severity severity,
        String code,
        String message) {}
