package dev.anneal.job.queue;

/** The job was cancelled, or another worker has taken it over: whoever meets this must stop and write nothing more. */
public final class AttemptLostException extends RuntimeException {
    public AttemptLostException(Attempt attempt) {
        super("attempt " + attempt.number() + " of " + attempt.jobId() + " has ended", null, false, false);
    }
}
