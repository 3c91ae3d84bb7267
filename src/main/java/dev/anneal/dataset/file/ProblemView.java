package dev.anneal.dataset.file;

/** A problem of a row, on the wire. */
public record ProblemView(long number, long line, String column, String code, String message) {}
