package dev.anneal.dataset.validation;

/** Published when a dataset was deleted, which may still be validated. */
public record DatasetDeleted(String id) {}
