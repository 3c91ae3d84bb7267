package dev.anneal.dataset.file;

import org.jspecify.annotations.Nullable;

/** A problem of a row or, without a line, of the whole dataset, on the wire. */
public record ProblemView(
        long number, @Nullable Long line, @Nullable String column, Severity severity, String code, String message) {}
