package dev.anneal.job.queue;

/** Published in this process when a job was queued, so that a free worker here need not wait for its next look. */
public record JobQueued(String jobId) {}
