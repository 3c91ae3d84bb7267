package dev.anneal.job.queue;

/** Thrown when the job was cancelled or another worker has it: the attempt must stop and write nothing more. */
public final class AttemptLostException extends RuntimeException {
    public AttemptLostException(Attempt attempt) {
        super("attempt " + attempt.number() + " of " + attempt.jobId() + " has ended", null, false, false);
    }
}
