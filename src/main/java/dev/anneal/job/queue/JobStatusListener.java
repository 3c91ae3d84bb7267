package dev.anneal.job.queue;

/** Called for each change of a job's status, in the transaction that makes the change and after the row was written. */
public interface JobStatusListener {
    void changed(String jobId);
}
