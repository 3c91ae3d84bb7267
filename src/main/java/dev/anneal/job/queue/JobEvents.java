package dev.anneal.job.queue;

import dev.anneal.event.EventLog;
import dev.anneal.json.Json;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;

/** The events of jobs. The type of an event is status, step, epoch, checkpoint or log. */
@Component
public class JobEvents extends EventLog {
    /** The code in a log event that says how many rows of a named dataset are also trained on. */
    public static final String SHARED_ROWS = "shared_with_training";

    private final JdbcClient jdbc;
    private final List<JobStatusListener> listeners;

    JobEvents(JdbcClient jdbc, List<JobStatusListener> listeners) {
        super(jdbc, "jobs", "job_events", "job_id");
        this.jdbc = jdbc;
        this.listeners = listeners;
    }

    /** Returns how many rows of each named dataset are also trained on: {@code dataset}, {@code code} and {@code count}. */
    public List<JsonNode> sharedRows(String jobId) {
        return jdbc.sql("""
                        select distinct on (data -> 'data' ->> 'dataset') data -> 'data' as shared from job_events
                        where job_id = ? and type = 'log' and data -> 'data' ->> 'code' = ?
                        order by data -> 'data' ->> 'dataset', id desc""")
                .params(jobId, SHARED_ROWS)
                .query((row, i) -> Json.MAPPER.readTree(row.getString("shared")))
                .list();
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
