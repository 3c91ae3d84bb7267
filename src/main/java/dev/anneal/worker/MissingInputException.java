package dev.anneal.worker;

import dev.anneal.job.queue.JobError;

/** Thrown when something that a job needs was deleted while the job waited. */
final class MissingInputException extends RuntimeException {
    private final transient JobError error;

    MissingInputException(String code, String message) {
        super(message);
        this.error = new JobError(code, message);
    }

    JobError error() {
        return error;
    }
}
