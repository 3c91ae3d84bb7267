package dev.anneal.project;

/** What a project uses. The bytes are those of uploaded datasets and of models. */
public record ProjectUsage(long runningJobs, long queuedJobs, long datasets, long models, long storageBytes) {}
