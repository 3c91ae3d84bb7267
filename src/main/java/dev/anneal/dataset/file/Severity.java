package dev.anneal.dataset.file;

/** The weight of a problem. An error rejects the file. A warning informs. */
public enum Severity {
    error,
    warning
}
