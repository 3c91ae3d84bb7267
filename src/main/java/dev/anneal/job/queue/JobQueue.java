package dev.anneal.job.queue;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The queue of jobs, which is the table of jobs. A worker claims a queued job that fits its slot, then holds it by a
 * {@link JobLease}. All times are the database's.
 */
@Component
public class JobQueue {
    private static final long QUEUE_LOCK = 7_001; // the number of an advisory lock that nothing else takes

    static final String CLAIM = """
            with running as (
                select project, count(*) as jobs from jobs where status = 'running' group by project),
            first as materialized ( -- the next jobs of each project below its limit
                select job.id, job.priority, job.created_at, coalesce(running.jobs, 0) / projects.weight as share
                from projects left join running on running.project = projects.id
                cross join lateral (
                    select id, priority, created_at from jobs
                    where status = 'queued' and project = projects.id
                        and (next_attempt_at is null or next_attempt_at <= now())
                        and (memory_bytes is null or memory_bytes <= :memory)
                    order by priority desc, created_at, id limit 2) job -- two, in case the first is just being cancelled
                where coalesce(running.jobs, 0) < coalesce(projects.max_running_jobs, 2147483647)),
            next as ( -- a lateral lookup: with statistics from before the queue was filled, a join scans all of it
                select job.id from first
                cross join lateral (select id, status from jobs where id = first.id for no key update skip locked) job
                where job.status = 'queued'
                order by first.priority desc, share, first.created_at, id limit 1)
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

    /**
     * Claims the next job that fits: the one with the highest priority; among equals, that of the project with the fewest
     * running jobs for its weight; then the oldest. Claims run one at a time, so that a project's limit is exact.
     *
     * @param worker {@code <id of the worker>/<slot>}
     * @param memory the slot's memory in bytes; null if any job fits
     */
    @Transactional
    public Optional<Attempt> claim(String worker, @Nullable Long memory) {
        if (!lockQueue(worker)) {
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
     * Locks the queue until the transaction ends. Returns false, without the lock, if no job is waiting or the worker is
     * draining. The timeout frees the lock if this process is suspended while it holds it.
     */
    private boolean lockQueue(String worker) {
        return !jdbc.sql("""
                        select set_config('idle_in_transaction_session_timeout', '5s', true),
                            pg_advisory_xact_lock(:lock)
                        where exists (
                                select from jobs
                                where status = 'queued' and (next_attempt_at is null or next_attempt_at <= now()))
                            and not exists (
                                select from workers where id = split_part(:worker, '/', 1) and status = 'draining')""")
                .param("lock", QUEUE_LOCK)
                .param("worker", worker)
                .query()
                .listOfRows()
                .isEmpty();
    }
}
