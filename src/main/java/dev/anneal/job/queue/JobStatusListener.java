package dev.anneal.job.queue;

/** Is told of each change of a job's status, within the transaction that makes it and after the job's row was written. */
public interface JobStatusListener {
    void changed(String jobId);
}
