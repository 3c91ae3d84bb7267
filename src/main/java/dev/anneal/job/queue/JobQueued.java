package dev.anneal.job.queue;

/** Published in this process when a job was queued, so that a free worker here claims it without waiting for its next poll. */
public record JobQueued(String jobId) {}
