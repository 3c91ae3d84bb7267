package dev.anneal.job.queue;

import dev.anneal.event.EventLog;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The events of jobs. The type of an event is status, step, epoch, checkpoint or log. */
@Component
public class JobEvents extends EventLog {
    private final List<JobStatusListener> listeners;

    JobEvents(JdbcClient jdbc, List<JobStatusListener> listeners) {
        super(jdbc, "jobs", "job_events", "job_id");
        this.listeners = listeners;
    }

    /** Appends an event in the caller's transaction. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void append(String jobId, String type, Object data) {
        add(jobId, type, data);
        if (type.equals("status")) {
            listeners.forEach(listener -> listener.changed(jobId));
        }
    }
}
