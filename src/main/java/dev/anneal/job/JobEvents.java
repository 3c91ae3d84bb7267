package dev.anneal.job;

import dev.anneal.json.Json;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;

/** What happened to each job, numbered 1, 2, 3, … in the order in which it was committed. */
@Component
public class JobEvents {
    /** One event; {@code type} is status, step, epoch, checkpoint or log. */
    public record Event(long id, String type, Instant createdAt, JsonNode data) {}

    private final JdbcClient jdbc;

    JobEvents(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Within the caller's transaction: the number is taken under the lock of the job's row, so none is skipped. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void append(String jobId, String type, Object data) {
        jdbc.sql("""
                        with numbered as (update jobs set last_event = last_event + 1 where id = :id returning last_event)
                        insert into job_events (job_id, id, type, data)
                        select :id, last_event, :type, :data::jsonb from numbered""")
                .param("id", jobId)
                .param("type", type)
                .param("data", Json.write(data))
                .update();
    }

    List<Event> after(String jobId, long after, int limit) {
        return jdbc.sql(
                        "select id, type, created_at, data from job_events where job_id = ? and id > ? order by id limit ?")
                .params(jobId, after, limit)
                .query((row, i) -> new Event(
                        row.getLong("id"),
                        row.getString("type"),
                        row.getObject("created_at", java.time.OffsetDateTime.class)
                                .toInstant(),
                        Json.MAPPER.readTree(row.getString("data"))))
                .list();
    }
}
