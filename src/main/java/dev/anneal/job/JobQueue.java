package dev.anneal.job;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The queue is the table of jobs. A worker claims the oldest queued job, or a running one whose lease has run out, and
 * renews its lease by heartbeat. All times are the database's.
 */
@Component
public class JobQueue {
    private final JdbcClient jdbc;
    private final JobEvents events;
    private final double leaseSeconds;
    private final int maxAttempts;

    JobQueue(
            JdbcClient jdbc,
            JobEvents events,
            @Value("${anneal.worker.lease:15s}") Duration lease,
            @Value("${anneal.worker.max-attempts:3}") int maxAttempts) {
        this.jdbc = jdbc;
        this.events = events;
        this.leaseSeconds = lease.toMillis() / 1000.0;
        this.maxAttempts = maxAttempts;
    }

    @Transactional
    public Optional<Attempt> claim(String worker) {
        failAbandoned();
        Optional<Attempt> claimed = jdbc.sql("""
                        update jobs
                        set status = 'running', attempt = attempt + 1, worker = :worker,
                            losses = losses + (status = 'running')::int,
                            lease_until = now() + make_interval(secs => :lease),
                            started_at = coalesce(started_at, now()), progress = null, best = null
                        where id = (
                            select id from jobs
                            where status = 'queued' or (status = 'running' and lease_until < now())
                            order by id limit 1
                            for no key update skip locked)
                        returning id, attempt""")
                .param("worker", worker)
                .param("lease", leaseSeconds)
                .query((row, i) -> new Attempt(row.getString("id"), row.getInt("attempt"), worker))
                .optional();
        claimed.ifPresent(attempt -> {
            // A new attempt begins at the first step: what the one before had reported is not part of it.
            jdbc.sql("delete from job_metrics where job_id = ?")
                    .param(attempt.jobId())
                    .update();
            events.append(
                    attempt.jobId(),
                    "status",
                    Map.of("status", JobStatus.running, "attempt", attempt.number(), "worker", worker));
        });
        return claimed;
    }

    /** Keeps the job for another lease; false where the attempt has ended. */
    public boolean renew(Attempt attempt) {
        return jdbc.sql("""
                        update jobs set lease_until = now() + make_interval(secs => :lease)
                        where id = :id and attempt = :attempt and status = 'running'""")
                        .param("lease", leaseSeconds)
                        .param("id", attempt.jobId())
                        .param("attempt", attempt.number())
                        .update()
                == 1;
    }

    /** Gives the job back, so that it starts anew elsewhere; nothing happens where the attempt has ended. */
    @Transactional
    public void release(Attempt attempt) {
        int released = jdbc.sql("update jobs set status = 'queued', lease_until = null, worker = null"
                        + " where id = :id and attempt = :attempt and status = 'running'")
                .param("id", attempt.jobId())
                .param("attempt", attempt.number())
                .update();
        if (released == 1) {
            events.append(attempt.jobId(), "status", Map.of("status", JobStatus.queued, "attempt", attempt.number()));
        }
    }

    /** A job that took down its worker each time is not given to another one. */
    private void failAbandoned() {
        JobError error = new JobError(
                "worker_lost",
                "The worker vanished in each of " + maxAttempts
                        + " attempts; its machine or memory may be the reason.");
        jdbc.sql("""
                        update jobs set status = 'failed', error = :error::jsonb, finished_at = now()
                        where id in (
                            select id from jobs
                            where status = 'running' and lease_until < now() and losses + 1 >= :max
                            for no key update skip locked)
                        returning id, attempt""")
                .param("error", dev.anneal.json.Json.write(error))
                .param("max", maxAttempts)
                .query((row, i) -> new Attempt(row.getString("id"), row.getInt("attempt"), ""))
                .list()
                .forEach(lost -> events.append(lost.jobId(), "status", error.asStatus(lost.number())));
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
