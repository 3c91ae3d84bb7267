package dev.anneal.project;

/** The usage of a project. The bytes are those of uploaded datasets and of models. */
public record ProjectUsage(long runningJobs, long queuedJobs, long datasets, long models, long storageBytes) {}
