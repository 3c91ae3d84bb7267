package dev.anneal.job.queue;

import dev.anneal.sql.Instants;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Finds the places of queued jobs, with three queries for any number of jobs. The expected start assumes that running jobs
 * end as they estimate, and that each job before this one takes as long as the last {@value #LATEST} jobs did on average.
 */
@Component
public class QueuePlaces {
    static final int LATEST = 20;
    static final String WAITING = """
            with places as (
                select id, row_number() over (order by priority desc, created_at, id) as position
                from jobs where status = 'queued')
            select jobs.id, jobs.kind, position, memory_bytes, next_attempt_at, now() as now,
                (select count(*) from jobs other where other.status = 'running'
                    and other.project = jobs.project) >= max_running_jobs as limited
            from places join jobs using (id) join projects on projects.id = jobs.project
            where jobs.id = any(:ids) and jobs.status = 'queued'""";

    private record Waiting(
            String id,
            JobKind kind,
            long position,
            @Nullable Long memory,
            boolean limited,
            @Nullable Instant nextAttemptAt,
            Instant now) {}

    private final JdbcClient jdbc;
    private final double goneSeconds;

    QueuePlaces(JdbcClient jdbc, LeaseSettings settings) {
        this.jdbc = jdbc;
        this.goneSeconds = settings.leaseSeconds();
    }

    /** Returns the places of those jobs that are still queued. */
    public Map<String, QueuePlace> of(Collection<String> ids) {
        Map<String, QueuePlace> places = new HashMap<>();
        if (ids.isEmpty()) {
            return places;
        }
        QueueForecast forecast = new QueueForecast(slots(), meanSeconds());
        waiting(ids).forEach(job -> places.put(job.id(), place(job, forecast)));
        return places;
    }

    private static QueuePlace place(Waiting job, QueueForecast forecast) {
        QueueForecast fitting = forecast.forMemory(job.memory());
        Instant now = job.now();
        if (forecast.slots().isEmpty()) {
            return new QueuePlace(job.position(), null, QueuePlace.Reason.no_worker, "No worker is taking jobs.");
        }
        if (fitting.slots().isEmpty()) {
            String message =
                    ("The %s needs an estimated %,d bytes of memory, but the largest slot has %,d. %s anneal.worker.memory if the estimate is too high.")
                            .formatted(
                                    job.kind().noun(),
                                    job.memory(),
                                    forecast.largest(),
                                    switch (job.kind()) {
                                        case training -> "Lower batch_size or max_length, or raise";
                                        case evaluation ->
                                            "Start a worker with more memory, set generated_answers to 0 if the model generates text, or raise";
                                        default -> "Start a worker with more memory, or raise";
                                    });
            return new QueuePlace(job.position(), null, QueuePlace.Reason.too_large, message);
        }
        if (job.limited()) {
            String message = "The project has reached its limit of running jobs.";
            return new QueuePlace(job.position(), null, QueuePlace.Reason.project_limit, message);
        }
        Double seconds = fitting.seconds(job.position());
        Instant start = seconds == null ? null : now.plusMillis((long) (seconds * 1000));
        if (job.nextAttemptAt() != null && job.nextAttemptAt().isAfter(now)) {
            Instant later = start == null || start.isAfter(job.nextAttemptAt()) ? start : job.nextAttemptAt();
            String message = "The last attempt was lost. The next one starts after " + job.nextAttemptAt() + ".";
            return new QueuePlace(job.position(), later, QueuePlace.Reason.backoff, message);
        }
        return fitting.free() >= job.position()
                ? new QueuePlace(job.position(), now, QueuePlace.Reason.starting, "A slot is free.")
                : new QueuePlace(
                        job.position(),
                        start,
                        QueuePlace.Reason.no_free_slot,
                        "All slots with enough memory are busy.");
    }

    private List<Waiting> waiting(Collection<String> ids) {
        return jdbc.sql(WAITING)
                .param("ids", ids.toArray(String[]::new))
                .query((row, i) -> new Waiting(
                        row.getString("id"),
                        JobKind.valueOf(row.getString("kind")),
                        row.getLong("position"),
                        row.getObject("memory_bytes", Long.class),
                        row.getBoolean("limited"),
                        Instants.orNull(row, "next_attempt_at"),
                        Instants.of(row, "now")))
                .list();
    }

    /** Returns the slots of the active workers. */
    private List<QueueForecast.Slot> slots() {
        return jdbc.sql("""
                        select slot.memory_bytes, jobs.id is not null as busy,
                            (jobs.progress ->> 'eta_seconds')::float8 as eta
                        from workers cross join jsonb_to_recordset(devices) as slot (slot text, memory_bytes bigint)
                        left join jobs on jobs.status = 'running' and jobs.worker = workers.id || '/' || slot.slot
                        where workers.status = 'active' and last_seen_at > now() - make_interval(secs => :gone)""")
                .param("gone", goneSeconds)
                .query((row, i) -> new QueueForecast.Slot(
                        row.getObject("memory_bytes", Long.class),
                        row.getBoolean("busy"),
                        row.getObject("eta", Double.class)))
                .list();
    }

    private @Nullable Double meanSeconds() {
        return jdbc.sql("""
                        select avg(extract(epoch from finished_at - started_at))::float8 from (
                            select started_at, finished_at from jobs
                            where status = 'succeeded' order by finished_at desc limit :latest) latest""")
                .param("latest", LATEST)
                .query(Double.class)
                .optional()
                .orElse(null);
    }
}
