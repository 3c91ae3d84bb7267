package dev.anneal.dataset.problem;

/** The weight of a problem. An error rejects the file. A warning informs. */
public enum Severity {
    error,
    warning
}
