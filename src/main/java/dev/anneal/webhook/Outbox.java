package dev.anneal.webhook;

import dev.anneal.job.queue.JobStatusListener;
import dev.anneal.job.queue.JobSummaries;
import dev.anneal.text.Ids;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Writes the messages about a change of a job's status, in the transaction that makes the change: a message exists if and
 * only if the change was committed. Every process has an outbox, because workers change jobs too.
 */
@Component
class Outbox implements JobStatusListener {
    private final JdbcClient jdbc;
    private final JobSummaries jobs;

    Outbox(JdbcClient jdbc, JobSummaries jobs) {
        this.jdbc = jdbc;
        this.jobs = jobs;
    }

    @Override
    public void changed(String jobId) {
        JobSummaries.Summary job = jobs.of(jobId);
        String type = job.type();
        List<String> webhooks = jdbc.sql(
                        "select id from webhooks where project = ? and disabled_at is null and ? = any(events)")
                .params(job.project(), type)
                .query(String.class)
                .list();
        for (String webhook : webhooks) {
            jdbc.sql("""
                            insert into webhook_deliveries (id, webhook_id, job_id, type, body, next_attempt_at)
                            values (:id, :webhook, :job, :type, jsonb_build_object(
                                'type', :type::text,
                                'timestamp', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                'data', :data::jsonb)::text, now())""")
                    .param("id", Ids.next("msg"))
                    .param("webhook", webhook)
                    .param("job", jobId)
                    .param("type", type)
                    .param("data", job.json())
                    .update();
        }
    }
}
