package dev.anneal.job;

import dev.anneal.event.EventLog;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What happened to each job; the type of an event is status, step, epoch, checkpoint or log. */
@Component
public class JobEvents extends EventLog {
    JobEvents(JdbcClient jdbc) {
        super(jdbc, "jobs", "job_events", "job_id");
    }

    /** Within the caller's transaction. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void append(String jobId, String type, Object data) {
        add(jobId, type, data);
    }
}
