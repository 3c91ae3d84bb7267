package dev.anneal.job;

/** The job was cancelled, or another worker has taken it over: whoever meets this must stop and write nothing more. */
public final class AttemptLost extends RuntimeException {
    public AttemptLost(Attempt attempt) {
        super("attempt " + attempt.number() + " of " + attempt.jobId() + " has ended", null, false, false);
    }
}
