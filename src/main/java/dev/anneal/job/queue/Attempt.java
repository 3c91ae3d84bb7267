package dev.anneal.job.queue;

/** One worker's hold on one job. What it writes is refused once another attempt was begun or the job has ended. */
public record Attempt(String jobId, int number, String worker) {}
