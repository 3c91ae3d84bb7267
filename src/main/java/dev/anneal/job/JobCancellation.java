package dev.anneal.job;

import dev.anneal.web.Problem;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Ends a job at once. The worker that holds it finds out at its next heartbeat, a second later, and kills the trainer. */
@Component
class JobCancellation {
    private final JdbcClient jdbc;
    private final JobEvents events;

    JobCancellation(JdbcClient jdbc, JobEvents events) {
        this.jdbc = jdbc;
        this.events = events;
    }

    @Transactional
    void cancel(String id) {
        int cancelled = jdbc.sql("update jobs set status = 'cancelled', finished_at = now(), lease_until = null"
                        + " where id = :id and status in (:sources)")
                .param("id", id)
                .param("sources", JobStatus.cancelled.sources())
                .update();
        if (cancelled == 0) {
            String status = jdbc.sql("select status from jobs where id = ?")
                    .param(id)
                    .query(String.class)
                    .optional()
                    .orElseThrow(() -> Problem.notFound("job", id));
            throw Problem.conflict(
                    "job_has_ended", "The job is " + status + "; only a job that has not ended can be cancelled.");
        }
        events.append(id, "status", Map.of("status", JobStatus.cancelled));
    }
}
