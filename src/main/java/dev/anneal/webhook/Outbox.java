package dev.anneal.webhook;

import dev.anneal.job.queue.JobStatusListener;
import dev.anneal.text.Ids;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Writes what is to be told of a change of a job's status, in the transaction that makes the change: neither is there
 * without the other. Every process has it, for workers change jobs too.
 */
@Component
class Outbox implements JobStatusListener {
    private record Told(String webhook, String type, String body) {}

    private final JdbcClient jdbc;

    Outbox(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public void changed(String jobId) {
        List<Told> told = jdbc.sql("""
                        select w.id webhook, 'job.' || j.status as type, jsonb_build_object(
                            'type', 'job.' || j.status,
                            'timestamp', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                            'data', jsonb_build_object(
                                'id', j.id, 'project', j.project, 'name', j.name, 'task', replace(j.spec ->> 'task', 'multi-label-', 'text-'),
                                'base_model', j.spec ->> 'base_model', 'dataset', j.spec ->> 'dataset', 'status', j.status,
                                'attempt', j.attempt, 'model', j.model_id, 'error', j.error, 'best', j.best,
                                'test_metrics', j.test_metrics, 'metadata', j.metadata,
                                'created_at', to_char(j.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                'started_at', to_char(j.started_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                'finished_at', to_char(j.finished_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                            ))::text as body
                        from jobs j join webhooks w on w.project = j.project
                        where j.id = ? and w.disabled_at is null and 'job.' || j.status = any(w.events)""").param(jobId).query(Told.class).list();
        for (Told message : told) {
            jdbc.sql("""
                            insert into webhook_deliveries (id, webhook_id, job_id, type, body, next_attempt_at)
                            values (?, ?, ?, ?, ?, now())""")
                    .params(Ids.next("msg"), message.webhook(), jobId, message.type(), message.body())
                    .update();
        }
    }
}
