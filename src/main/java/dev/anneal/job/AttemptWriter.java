package dev.anneal.job;

import dev.anneal.job.checkpoint.Checkpoint;
import dev.anneal.job.checkpoint.JobCheckpoints;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.job.queue.JobError;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.json.Json;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a worker writes into the job it holds. Every method throws {@link AttemptLostException} where it holds it no more. */
@Component
public class AttemptWriter {
    private final JdbcClient jdbc;
    private final JobEvents events;
    private final JobCheckpoints checkpoints;
    private final JobFiles files;

    AttemptWriter(JdbcClient jdbc, JobEvents events, JobCheckpoints checkpoints, JobFiles files) {
        this.jdbc = jdbc;
        this.events = events;
        this.checkpoints = checkpoints;
        this.files = files;
    }

    /** Training begins; the first attempt decides the precision of all. */
    @Transactional
    public void started(Attempt attempt, String precision, JsonNode data) {
        set(attempt, "precision = :value", precision);
        events.append(attempt.jobId(), "log", Map.of("level", "info", "message", "training starts", "data", data));
    }

    @Transactional
    public void progress(Attempt attempt, JsonNode progress) {
        set(attempt, "progress = :value::jsonb", progress.toString());
        events.append(attempt.jobId(), "step", progress);
    }

    @Transactional
    public void epoch(Attempt attempt, JsonNode metrics) {
        hold(attempt);
        int added = jdbc.sql("insert into job_metrics (job_id, epoch, metrics) values (?, ?, ?::jsonb)"
                        + " on conflict do nothing")
                .params(attempt.jobId(), metrics.get("epoch").intValue(), metrics.toString())
                .update();
        if (added == 1) { // else the call is repeated, because the answer to the first one was lost
            events.append(attempt.jobId(), "epoch", metrics);
        }
    }

    /** Before files of the attempt go into the store: a worker that holds the job no more does not even begin. */
    @Transactional
    public void announce(Attempt attempt, String artifact) {
        hold(attempt);
        files.announce(attempt.jobId(), attempt.number(), artifact);
    }

    /** A checkpoint that the store has; returns the keys of files that are not needed any more. */
    @Transactional
    public List<String> checkpoint(Attempt attempt, Checkpoint checkpoint, JsonNode told, int keep) {
        hold(attempt);
        boolean repeated = checkpoints.has(checkpoint); // because the answer to the first call was lost
        List<String> superseded = checkpoints.put(checkpoint, told.path("best"), keep);
        if (!repeated) {
            tell(attempt, told);
        }
        return superseded;
    }

    /** A checkpoint that the store would not take. */
    @Transactional
    public void checkpointNotStored(Attempt attempt, JsonNode told, String reason) {
        hold(attempt);
        tell(attempt, told);
        log(
                attempt,
                "warn",
                "the checkpoint at step " + told.path("step").asInt() + " could not be stored: " + reason
                        + "; training goes on");
    }

    /** Where its files lie is nobody's concern. */
    private void tell(Attempt attempt, JsonNode told) {
        if (told.path("best").isObject()) {
            set(attempt, "best = :value::jsonb", told.path("best").toString());
        }
        ObjectNode data = told.deepCopy().asObject();
        data.remove("path");
        events.append(attempt.jobId(), "checkpoint", data);
    }

    @Transactional
    public void log(Attempt attempt, String level, String message) {
        hold(attempt);
        events.append(attempt.jobId(), "log", Map.of("level", level, "message", message.replace("\0", "")));
    }

    /**
     * The end of a good job; the caller's transaction makes the model visible with it. Returns the keys of its checkpoints'
     * files, which the model replaces.
     */
    @Transactional
    public List<String> succeeded(Attempt attempt, JsonNode best, JsonNode testMetrics, String report, String modelId) {
        set(attempt, "best = :value::jsonb", best.toString());
        set(attempt, "test_metrics = nullif(:value::jsonb, 'null')", testMetrics.toString());
        set(attempt, "report = :value::jsonb", report);
        set(attempt, "model_id = :value", modelId);
        end(attempt, JobStatus.succeeded);
        events.append(
                attempt.jobId(),
                "status",
                Map.of("status", JobStatus.succeeded, "attempt", attempt.number(), "model", modelId));
        return checkpoints.removeAll(attempt.jobId());
    }

    @Transactional
    public void failed(Attempt attempt, JobError error) {
        set(attempt, "error = :value::jsonb", Json.write(error));
        end(attempt, JobStatus.failed);
        events.append(attempt.jobId(), "status", error.asStatus(attempt.number()));
    }

    private void end(Attempt attempt, JobStatus status) {
        set(
                attempt,
                "finished_at = now(), lease_until = null, pause_requested = false, status = :value",
                status.name());
    }

    /** Locks the job's row for what is written beside it. */
    private void hold(Attempt attempt) {
        set(attempt, "lease_until = lease_until", null);
    }

    /** The fence: nothing is changed unless the job runs and this attempt is its last one. */
    private void set(Attempt attempt, String assignment, String value) {
        int rows = jdbc.sql("update jobs set " + assignment
                        + " where id = :id and attempt = :attempt and status = 'running'")
                .param("value", value)
                .param("id", attempt.jobId())
                .param("attempt", attempt.number())
                .update();
        if (rows == 0) {
            throw new AttemptLostException(attempt);
        }
    }
}
