package dev.anneal.job.queue;

import dev.anneal.json.Json;
import dev.anneal.sql.Instants;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The lease by which a worker holds a job: renewed by heartbeats, released, or lost. A lost job waits in the queue and is
 * retried; it fails after {@code max_attempts} lost attempts without a new checkpoint. An attempt that something else ended, by
 * a kill, with its whole worker or in an outage of the artifact store, is not the job's fault and is counted apart. All times are the database's.
 */
@Component
public class JobLease {
    /** The answer to a heartbeat. */
    public enum Hold {
        /** The attempt has ended and must stop. */
        LOST,
        HELD,
        /** The worker holds the job, and its user asked to pause it. */
        PAUSE_REQUESTED
    }

    private static final int MEMORY_ATTEMPTS = 2;

    /** A bound for a job that is the reason for each kill, such as one that takes its worker's whole machine down. */
    private static final int KILLED_ATTEMPTS = 20;

    /** The reason for the loss of an attempt. */
    public enum Cause {
        /** The trainer failed. */
        TRAINER,
        /** Memory ran out, or may have run out. The second such attempt is the last. */
        MEMORY,
        /** Something else killed the trainer or its worker, or made the artifact store or the cluster unavailable. */
        KILL
    }

    private record Ended(
            String jobId,
            int attempt,
            JobStatus status,
            @Nullable Instant nextAttemptAt) {}

    private final JdbcClient jdbc;
    private final JobEvents events;
    private final MeterRegistry meters;
    private final ApplicationEventPublisher publisher;
    private final double leaseSeconds;
    private final double backoffSeconds;
    private final double longestBackoffSeconds;

    JobLease(
            JdbcClient jdbc,
            JobEvents events,
            MeterRegistry meters,
            ApplicationEventPublisher publisher,
            LeaseSettings settings) {
        this.jdbc = jdbc;
        this.events = events;
        this.meters = meters;
        this.publisher = publisher;
        this.leaseSeconds = settings.leaseSeconds();
        this.backoffSeconds = settings.backoff().toMillis() / 1000.0;
        this.longestBackoffSeconds = settings.longestBackoff().toMillis() / 1000.0;
    }

    /** Renews the lease, even an expired one if no other worker has claimed the job. */
    public Hold renew(Attempt attempt) {
        return jdbc.sql("""
                        update jobs set lease_until = now() + make_interval(secs => :lease)
                        where id = :id and attempt = :attempt and status = 'running' returning pause_requested""")
                .param("lease", leaseSeconds)
                .param("id", attempt.jobId())
                .param("attempt", attempt.number())
                .query(Boolean.class)
                .optional()
                .map(pause -> pause ? Hold.PAUSE_REQUESTED : Hold.HELD)
                .orElse(Hold.LOST);
    }

    /** Releases the job: it becomes paused if that was requested, else queued. Does nothing if the attempt has ended. */
    @Transactional
    public void release(Attempt attempt) {
        jdbc.sql("""
                        update jobs set status = case when pause_requested then 'paused' else 'queued' end,
                            pause_requested = false, lease_until = null, worker = null
                        where id = :id and attempt = :attempt and status = 'running' returning status""")
                .param("id", attempt.jobId())
                .param("attempt", attempt.number())
                .query(String.class)
                .optional()
                .ifPresent(status -> events.append(
                        attempt.jobId(), "status", Map.of("status", status, "attempt", attempt.number())));
    }

    /**
     * Records an attempt that failed for a reason that may be transient. The job is queued again, or fails with the error if
     * this was its last attempt.
     */
    @Transactional
    public JobStatus lost(Attempt attempt, JobError error, Cause cause) {
        return end("id = :id and attempt = :attempt and status = 'running' for no key update", error, cause, attempt)
                .stream()
                .findFirst()
                .orElseThrow(() -> new AttemptLostException(attempt))
                .status();
    }

    /** Returns when the database answers. */
    public void ping() {
        jdbc.sql("select 1").query(Integer.class).single();
    }

    /** Reclaims the jobs whose lease has expired. */
    @Transactional
    public void reclaimExpired() {
        JobError error = new JobError(
                "worker_lost", "The worker was lost: it did not renew its lease. See the worker's log and machine.");
        List<Ended> expired = end(
                "status = 'running' and lease_until < now() for no key update skip locked", error, Cause.KILL, null);
        meters.counter("anneal.leases", "outcome", "reclaimed").increment(expired.size());
    }

    private List<Ended> end(String which, JobError error, Cause cause, @Nullable Attempt attempt) {
        JobError last = cause != Cause.KILL
                ? error
                : new JobError(
                        error.code(),
                        error.message() + "\n" + KILLED_ATTEMPTS
                                + " attempts since the start of the job or its last new checkpoint were killed, or lost because their"
                                + " worker, the cluster or the artifact store was unavailable. Find out what ends them, and check the"
                                + " memory of the machine.");
        List<Ended> ended = jdbc.sql("""
                        with ended as (
                            select id, case when :kill then worker_losses else losses end as before,
                                case when :kill then worker_losses + 1 >= :killedAttempts
                                    else losses + 1 >= max_attempts
                                        or (:memory and memory_losses + 1 >= :memoryAttempts) end as finally
                            from jobs where %s)
                        update jobs set
                            status = case when finally then 'failed' when pause_requested then 'paused' else 'queued' end,
                            error = case when finally then :error::jsonb end,
                            finished_at = case when finally then now() end,
                            next_attempt_at = case when not finally and not pause_requested then now() + make_interval(
                                secs => least(:longest, :backoff * power(4, least(before, 20)))) end,
                            losses = losses + (not :kill)::int, memory_losses = memory_losses + (:memory)::int,
                            worker_losses = worker_losses + (:kill)::int,
                            pause_requested = false, lease_until = null, worker = null
                        from ended where jobs.id = ended.id
                        returning jobs.id, jobs.attempt, jobs.status, jobs.next_attempt_at""".formatted(which))
                .param("kill", cause == Cause.KILL)
                .param("killedAttempts", KILLED_ATTEMPTS)
                .param("memory", cause == Cause.MEMORY)
                .param("memoryAttempts", MEMORY_ATTEMPTS)
                .param("error", Json.write(last))
                .param("longest", longestBackoffSeconds)
                .param("backoff", backoffSeconds)
                .param("id", attempt == null ? null : attempt.jobId())
                .param("attempt", attempt == null ? null : attempt.number())
                .query((row, i) -> new Ended(
                        row.getString("id"),
                        row.getInt("attempt"),
                        JobStatus.valueOf(row.getString("status")),
                        Instants.orNull(row, "next_attempt_at")))
                .list();
        ended.forEach(job -> append(job, job.status() == JobStatus.failed ? last : error));
        return ended;
    }

    private void append(Ended job, JobError error) {
        Map<String, Object> data = new LinkedHashMap<>(Map.of("status", job.status(), "attempt", job.attempt()));
        data.put("error", error);
        if (job.nextAttemptAt() != null) {
            data.put("next_attempt_at", job.nextAttemptAt());
        }
        events.append(job.jobId(), "status", data);
        if (job.status() == JobStatus.queued) {
            meters.counter("anneal.jobs.retries", "reason", error.code()).increment();
            publisher.publishEvent(new JobQueued(job.jobId()));
        }
    }
}
