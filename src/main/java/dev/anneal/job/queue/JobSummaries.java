package dev.anneal.job.queue;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Summarises jobs for those who follow changes of their status. */
@Component
public class JobSummaries {
    /**
     * A job as its last statement left it.
     *
     * @param json a JSON object, as messages to webhooks have it
     */
    public record Summary(String project, String kind, String status, String json) {
        /** Returns the type of the message about this status, such as {@code job.succeeded}. */
        public String type() {
            return JobKind.valueOf(kind).noun() + "." + status;
        }
    }

    private final JdbcClient jdbc;

    JobSummaries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public Summary of(String jobId) {
        return jdbc.sql("""
                        select project, kind, status, jsonb_build_object(
                            'id', id, 'project', project, 'name', name,
                            'task', replace(spec ->> 'task', 'multi-label-', 'text-'),
                            'base_model', spec ->> 'base_model', 'dataset', spec ->> 'dataset', 'status', status,
                            'attempt', attempt, 'model', model_id, 'error', error, 'best', best,
                            'test_metrics', test_metrics, 'metadata', metadata,
                            'created_at', to_char(created_at at time zone 'utc', :format),
                            'started_at', to_char(started_at at time zone 'utc', :format),
                            'finished_at', to_char(finished_at at time zone 'utc', :format))::text as json
                        from jobs where id = :id""")
                .param("id", jobId)
                .param("format", "YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"")
                .query(Summary.class)
                .single();
    }

    /** Returns the specification of a job, a JSON object. */
    public String spec(String jobId) {
        return jdbc.sql("select spec from jobs where id = ?")
                .param(jobId)
                .query(String.class)
                .single();
    }
}
