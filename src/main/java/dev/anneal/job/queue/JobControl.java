package dev.anneal.job.queue;

import dev.anneal.web.Problem;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Pauses, resumes and cancels jobs on request. The worker learns of it at its next heartbeat, a second later: before a pause
 * it lets the trainer write a checkpoint; the trainer of a cancelled job is killed.
 */
@Component
public class JobControl {
    private final JdbcClient jdbc;
    private final JobEvents events;
    private final ApplicationEventPublisher publisher;

    JobControl(JdbcClient jdbc, JobEvents events, ApplicationEventPublisher publisher) {
        this.jdbc = jdbc;
        this.events = events;
        this.publisher = publisher;
    }

    /** Pauses a queued job at once, a running job once its checkpoint is stored. */
    @Transactional
    public void pause(String id) {
        String status = jdbc.sql("""
                        update jobs set status = case when status = 'queued' then 'paused' else status end,
                            pause_requested = (status = 'running'), next_attempt_at = null
                        where id = ? and status in ('queued', 'running') returning status""")
                .param(id)
                .query(String.class)
                .optional()
                .orElseThrow(() -> refused(id, "a queued or running job can be paused"));
        if (status.equals("paused")) {
            events.append(id, "status", Map.of("status", JobStatus.paused));
        }
    }

    /** Puts a paused job back into the queue, with none of its attempts counted as lost. */
    @Transactional
    public void resume(String id) {
        int resumed = jdbc.sql(
                        "update jobs set status = 'queued', losses = 0, memory_losses = 0, worker_losses = 0, next_attempt_at = null"
                                + " where id = ? and status = 'paused'")
                .param(id)
                .update();
        if (resumed == 0) {
            throw refused(id, "a paused job can be resumed");
        }
        events.append(id, "status", Map.of("status", JobStatus.queued));
        publisher.publishEvent(new JobQueued(id));
    }

    @Transactional
    public void cancel(String id) {
        cancel(id, null);
    }

    /**
     * Ends the job at once.
     *
     * @param model becomes the job's model in the caller's transaction; null for none
     */
    @Transactional
    public void cancel(String id, @Nullable String model) {
        int cancelled = jdbc.sql("""
                        update jobs set status = 'cancelled', model_id = :model, finished_at = now(), lease_until = null,
                            pause_requested = false, next_attempt_at = null
                        where id = :id and status in (:sources)""")
                .param("id", id)
                .param("model", model)
                .param("sources", JobStatus.cancelled.sources())
                .update();
        if (cancelled == 0) {
            throw refused(id, "what has not ended can be cancelled");
        }
        events.append(
                id,
                "status",
                model == null
                        ? Map.of("status", JobStatus.cancelled)
                        : Map.of("status", JobStatus.cancelled, "model", model));
    }

    private Problem refused(String id, String rule) {
        return jdbc.sql("select kind, status from jobs where id = ?")
                .param(id)
                .query((row, i) -> {
                    String noun = JobKind.valueOf(row.getString("kind")).noun();
                    JobStatus status = JobStatus.valueOf(row.getString("status"));
                    return Problem.conflict(
                            status.isTerminal() ? noun + "_has_ended" : noun + "_is_" + status,
                            "The " + noun + " " + status.words() + ". Only " + rule + ".");
                })
                .optional()
                .orElseGet(() -> Problem.notFound("job", id));
    }
}
