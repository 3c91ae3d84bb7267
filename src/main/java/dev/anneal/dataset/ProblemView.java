package dev.anneal.dataset;

/** A bad row on the wire. */
record ProblemView(long number, long line, String column, String code, String message) {}
