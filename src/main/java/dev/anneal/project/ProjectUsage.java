package dev.anneal.project;

/** What a project uses now; the bytes are of datasets as uploaded and of models. */
public record ProjectUsage(long runningJobs, long queuedJobs, long datasets, long models, long storageBytes) {}
