package dev.anneal.job.queue;

import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The queue is the table of jobs. A worker claims a queued job that fits its slot, and holds it from then on by
 * {@link JobLease}. All times are the database's.
 */
@Component
public class JobQueue {
    private static final long TURN = 7_001; // of an advisory lock, which nothing else takes

    static final String CLAIM = """
            with running as (
                select project, count(*) as jobs from jobs where status = 'running' group by project),
            first as materialized ( -- the next jobs of each project that may start one
                select job.id, job.priority, coalesce(running.jobs, 0) / projects.weight as share
                from projects left join running on running.project = projects.id
                cross join lateral (
                    select id, priority from jobs
                    where status = 'queued' and project = projects.id
                        and (next_attempt_at is null or next_attempt_at <= now())
                        and (memory_bytes is null or memory_bytes <= :memory)
                    order by priority desc, id limit 2) job -- two, should the first just be cancelled
                where coalesce(running.jobs, 0) < coalesce(projects.max_running_jobs, 2147483647)),
            next as ( -- looked up one by one: with statistics from before the queue was filled, a join goes through all of it
                select job.id from first
                cross join lateral (select id, status from jobs where id = first.id for no key update skip locked) job
                where job.status = 'queued'
                order by first.priority desc, share, id limit 1)
            update jobs
            set status = 'running', attempt = attempt + 1, worker = :worker,
                lease_until = now() + make_interval(secs => :lease),
                started_at = coalesce(started_at, now()), next_attempt_at = null,
                progress = case when exists (select from job_checkpoints c where c.job_id = jobs.id) then progress end,
                best = case when exists (select from job_checkpoints c where c.job_id = jobs.id) then best end
            where id = (select id from next)
            returning id, attempt""";

    private final JdbcClient jdbc;
    private final JobEvents events;
    private final double leaseSeconds;

    JobQueue(JdbcClient jdbc, JobEvents events, LeaseSettings settings) {
        this.jdbc = jdbc;
        this.events = events;
        this.leaseSeconds = settings.leaseSeconds();
    }

    /** As {@link #claim(String, Long)}, for a slot that any job fits. */
    @Transactional
    public Optional<Attempt> claim(String worker) {
        return claim(worker, null);
    }

    /**
     * Takes the next job that fits: of the highest priority; among its projects, of the one with the least running jobs by
     * its weight; of these the oldest. Claims go one after another, so that a project's limit is exact.
     *
     * @param worker {@code <id of the worker>/<slot>}
     * @param memory of the slot, in bytes; null where any job fits
     */
    @Transactional
    public Optional<Attempt> claim(String worker, Long memory) {
        if (!turn(worker)) {
            return Optional.empty();
        }
        Optional<Attempt> claimed = jdbc.sql(CLAIM)
                .param("worker", worker)
                .param("memory", memory == null ? Long.MAX_VALUE : memory)
                .param("lease", leaseSeconds)
                .query((row, i) -> new Attempt(row.getString("id"), row.getInt("attempt"), worker))
                .optional();
        claimed.ifPresent(attempt -> events.append(
                attempt.jobId(),
                "status",
                Map.of("status", JobStatus.running, "attempt", attempt.number(), "worker", worker)));
        return claimed;
    }

    /**
     * Waits for its turn to claim; false where there is nothing to claim or the worker is drained. A claimer that is stopped
     * within its turn loses it, and its connection, before long.
     */
    private boolean turn(String worker) {
        return !jdbc.sql("""
                        select set_config('idle_in_transaction_session_timeout', '5s', true),
                            pg_advisory_xact_lock(:turn)
                        where exists (
                                select from jobs
                                where status = 'queued' and (next_attempt_at is null or next_attempt_at <= now()))
                            and not exists (
                                select from workers where id = split_part(:worker, '/', 1) and status = 'draining')""")
                .param("turn", TURN)
                .param("worker", worker)
                .query()
                .listOfRows()
                .isEmpty();
    }

    /** How many jobs stand in each status that can change, for the metrics. */
    public Map<String, Long> depths() {
        Map<String, Long> depths = new java.util.HashMap<>();
        jdbc.sql("select status, count(*) from jobs where status in ('queued', 'running') group by status")
                .query(row -> {
                    depths.put(row.getString(1), row.getLong(2));
                });
        return depths;
    }

    /** For how many seconds the queued job that was made first has been there, 0 without one. */
    public double oldestSeconds() {
        return jdbc.sql("select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 from jobs"
                        + " where status = 'queued'")
                .query(Double.class)
                .single();
    }
}
