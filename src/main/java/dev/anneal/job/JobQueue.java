package dev.anneal.job;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The queue is the table of jobs. A worker claims the oldest queued job that is not to wait, and holds it from then on by
 * {@link JobLease}. All times are the database's.
 */
@Component
public class JobQueue {
    private final JdbcClient jdbc;
    private final JobEvents events;
    private final double leaseSeconds;

    JobQueue(
            JdbcClient jdbc,
            JobEvents events,
            @Value("${anneal.worker.lease:15s}") Duration lease) {
        this.jdbc = jdbc;
        this.events = events;
        this.leaseSeconds = lease.toMillis() / 1000.0;
    }

    @Transactional
    public Optional<Attempt> claim(String worker) {
        Optional<Attempt> claimed = jdbc.sql("""
                        update jobs
                        set status = 'running', attempt = attempt + 1, worker = :worker,
                            lease_until = now() + make_interval(secs => :lease),
                            started_at = coalesce(started_at, now()), next_attempt_at = null,
                            progress = case when exists (select from job_checkpoints c where c.job_id = jobs.id)
                                then progress end,
                            best = case when exists (select from job_checkpoints c where c.job_id = jobs.id)
                                then best end
                        where id = (
                            select id from jobs
                            where status = 'queued' and (next_attempt_at is null or next_attempt_at <= now())
                            order by id limit 1
                            for no key update skip locked)
                        returning id, attempt""")
                .param("worker", worker)
                .param("lease", leaseSeconds)
                .query((row, i) -> new Attempt(row.getString("id"), row.getInt("attempt"), worker))
                .optional();
        claimed.ifPresent(attempt -> events.append(
                attempt.jobId(),
                "status",
                Map.of("status", JobStatus.running, "attempt", attempt.number(), "worker", worker)));
        return claimed;
    }

    /** How many jobs stand in each status that can change, for the metrics. */
    Map<String, Long> depths() {
        Map<String, Long> depths = new java.util.HashMap<>();
        jdbc.sql("select status, count(*) from jobs where status in ('queued', 'running') group by status")
                .query(row -> {
                    depths.put(row.getString(1), row.getLong(2));
                });
        return depths;
    }
}
