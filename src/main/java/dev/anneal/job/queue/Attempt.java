package dev.anneal.job.queue;

/** One attempt of a worker at a job. Its writes are refused once another attempt has begun or the job has ended. */
public record Attempt(String jobId, int number, String worker) {}
