package dev.anneal.job;

import dev.anneal.job.checkpoint.JobCheckpoint;
import dev.anneal.job.checkpoint.JobCheckpoints;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.job.queue.JobError;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobStatus;
import dev.anneal.json.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes what a worker reports of its job. Every method throws {@link AttemptLostException} if the attempt has ended. */
@Component
public class AttemptWriter {
    /** The metrics of an epoch that differ each time. */
    private static final String TIMES = "{seconds,examples_per_second,evaluated_per_second}";

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

    /** The job's own work begins; the first attempt decides the precision of all. */
    @Transactional
    public void started(Attempt attempt, JobKind kind, String precision, JsonNode data) {
        set(attempt, "precision = :value", precision);
        events.append(attempt.jobId(), "log", Map.of("level", "info", "message", kind + " starts", "data", data));
    }

    @Transactional
    public void progress(Attempt attempt, JsonNode progress) {
        progress(attempt, "step", progress);
    }

    /** Records how many rows are computed. */
    @Transactional
    public void computed(Attempt attempt, JsonNode progress) {
        progress(attempt, "progress", progress);
    }

    private void progress(Attempt attempt, String type, JsonNode progress) {
        set(attempt, "progress = :value::jsonb", progress.toString());
        events.append(attempt.jobId(), type, progress);
    }

    /**
     * Records the metrics of an epoch. An attempt that trains an epoch again comes to the same metrics. If it does not, because it
     * could not resume from a checkpoint of other rows, its metrics replace those of the lost attempt.
     */
    @Transactional
    public void epoch(Attempt attempt, JsonNode metrics) {
        lock(attempt);
        int epoch = metrics.get("epoch").intValue();
        int changed = jdbc.sql("""
                        insert into job_metrics (job_id, epoch, metrics) values (?, ?, ?::jsonb)
                        on conflict (job_id, epoch) do update set metrics = excluded.metrics
                        where job_metrics.metrics - '%1$s'::text[] <> excluded.metrics - '%1$s'::text[]""".formatted(TIMES))
                .params(attempt.jobId(), epoch, metrics.toString())
                .update();
        if (changed == 1) {
            removeLater(attempt.jobId(), epoch + 1, step(metrics));
            events.append(attempt.jobId(), "epoch", metrics);
        }
    }

    /** Does the same for a validation within an epoch. */
    @Transactional
    public void validation(Attempt attempt, JsonNode metrics) {
        lock(attempt);
        int epoch = metrics.get("epoch").intValue();
        int changed = jdbc.sql("""
                        insert into job_validations (job_id, step, epoch, metrics) values (?, ?, ?, ?::jsonb)
                        on conflict (job_id, step) do update set epoch = excluded.epoch, metrics = excluded.metrics
                        where job_validations.metrics - '%1$s'::text[] <> excluded.metrics - '%1$s'::text[]""".formatted(TIMES))
                .params(attempt.jobId(), step(metrics), epoch, metrics.toString())
                .update();
        if (changed == 1) {
            removeLater(attempt.jobId(), epoch, step(metrics) + 1);
            events.append(attempt.jobId(), "validation", metrics);
        }
    }

    private static int step(JsonNode metrics) {
        return metrics.get("step").intValue();
    }

    /** Removes what a lost attempt recorded: the ends of epochs and the validations within epochs, from an epoch and a step on. */
    private void removeLater(String jobId, int epoch, int step) {
        jdbc.sql("delete from job_metrics where job_id = ? and epoch >= ?")
                .params(jobId, epoch)
                .update();
        jdbc.sql("delete from job_validations where job_id = ? and step >= ?")
                .params(jobId, step)
                .update();
    }

    /** Records an artifact before its files are stored, so that the files of a lost attempt can be found and removed. */
    @Transactional
    public void announce(Attempt attempt, String artifact) {
        lock(attempt);
        files.announce(attempt.jobId(), attempt.number(), artifact);
    }

    /** Records a stored checkpoint. Returns the artifacts that it replaces. */
    @Transactional
    public List<String> checkpoint(Attempt attempt, JobCheckpoint checkpoint, JsonNode event, int keep) {
        lock(attempt);
        boolean repeated = checkpoints.has(checkpoint); // because the answer to the first call was lost
        List<String> superseded = checkpoints.put(checkpoint, event.path("best"), keep);
        if (!repeated) {
            append(attempt, event);
        }
        return superseded;
    }

    /** Reports a checkpoint that could not be stored. It is no event of type checkpoint, since nothing can resume from it. */
    @Transactional
    public void checkpointNotStored(Attempt attempt, JsonNode event, String reason) {
        lock(attempt);
        setBest(attempt, event);
        log(
                attempt,
                "warn",
                "the checkpoint at step " + event.path("step").asInt() + " could not be stored: " + reason
                        + "; training continues");
    }

    private void setBest(Attempt attempt, JsonNode checkpoint) {
        if (checkpoint.path("best").isObject()) {
            set(attempt, "best = :value::jsonb", checkpoint.path("best").toString());
        }
    }

    private void append(Attempt attempt, JsonNode checkpoint) {
        setBest(attempt, checkpoint);
        ObjectNode data = checkpoint.deepCopy().asObject();
        data.remove("path"); // in the trainer's work directory
        events.append(attempt.jobId(), "checkpoint", data);
    }

    @Transactional
    public void log(Attempt attempt, String level, String message) {
        lock(attempt);
        events.append(attempt.jobId(), "log", Map.of("level", level, "message", message.replace("\0", "")));
    }

    /** Does the same with more about it, for programs. */
    @Transactional
    public void log(Attempt attempt, String level, String message, JsonNode data) {
        lock(attempt);
        events.append(attempt.jobId(), "log", Map.of("level", level, "message", message, "data", data));
    }

    /**
     * Ends a job that succeeded; the caller's transaction also publishes the model. Returns the artifacts of its checkpoints.
     *
     * @param predictions those for the training rows by the models of folds, null if there are none
     */
    @Transactional
    public List<String> succeeded(
            Attempt attempt,
            JsonNode best,
            JsonNode testMetrics,
            @Nullable String report,
            String modelId,
            @Nullable StoredPredictions predictions) {
        set(attempt, "best = :value::jsonb", best.toString());
        set(attempt, "test_metrics = nullif(:value::jsonb, 'null')", testMetrics.toString());
        set(attempt, "report = :value::jsonb", report);
        set(attempt, "model_id = :value", modelId);
        set(attempt, predictions);
        set(attempt, "progress = progress || :value::jsonb", "{\"percent\": 100, \"eta_seconds\": 0}");
        end(attempt, JobStatus.succeeded);
        events.append(
                attempt.jobId(),
                "status",
                Map.of("status", JobStatus.succeeded, "attempt", attempt.number(), "model", modelId));
        return checkpoints.removeAll(attempt.jobId());
    }

    /**
     * Ends an evaluation or a prediction that succeeded. Returns the artifacts of its checkpoints.
     *
     * @param metrics null for a prediction
     * @param predictions null if there are none
     */
    @Transactional
    public List<String> evaluated(
            Attempt attempt, JsonNode metrics, @Nullable String report, @Nullable StoredPredictions predictions) {
        set(attempt, "test_metrics = nullif(:value::jsonb, 'null')", metrics.toString());
        set(attempt, "report = :value::jsonb", report);
        set(attempt, predictions);
        set(attempt, "progress = progress || :value::jsonb", "{\"percent\": 100, \"eta_seconds\": 0}");
        end(attempt, JobStatus.succeeded);
        events.append(attempt.jobId(), "status", Map.of("status", JobStatus.succeeded, "attempt", attempt.number()));
        return checkpoints.removeAll(attempt.jobId());
    }

    @Transactional
    public void failed(Attempt attempt, JobError error) {
        set(attempt, "error = :value::jsonb", Json.write(error));
        end(attempt, JobStatus.failed);
        events.append(attempt.jobId(), "status", error.asStatus(attempt.number()));
    }

    /** Names the artifact with the predictions, whose files no sweep removes from now on. */
    private void set(Attempt attempt, @Nullable StoredPredictions predictions) {
        if (predictions == null) {
            return;
        }
        set(attempt, "predictions = :value", predictions.artifact());
        set(attempt, "predictions_bytes = :value::bigint", String.valueOf(predictions.bytes()));
        if (!files.keep(predictions.artifact())) {
            throw new AttemptLostException(attempt);
        }
    }

    private void end(Attempt attempt, JobStatus status) {
        set(
                attempt,
                "finished_at = now(), lease_until = null, pause_requested = false, status = :value",
                status.name());
    }

    /** Locks the job's row before other tables are written. */
    private void lock(Attempt attempt) {
        set(attempt, "lease_until = lease_until", null);
    }

    /** Changes the job only if it is running and this is its latest attempt. */
    private void set(Attempt attempt, String assignment, @Nullable String value) {
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
