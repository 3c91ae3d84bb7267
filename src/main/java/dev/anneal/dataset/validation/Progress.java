package dev.anneal.dataset.validation;

/** The progress of a validation, on the wire and in the dataset's row: how many bytes of the files are read, and the rows so far. */
public record Progress(long readBytes, long totalBytes, long rowCount) {}
