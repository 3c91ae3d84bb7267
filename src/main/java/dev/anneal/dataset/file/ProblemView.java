package dev.anneal.dataset.file;

import org.jspecify.annotations.Nullable;

/** A problem of a row, on the wire. */
public record ProblemView(long number, long line, @Nullable String column, String code, String message) {}
