package dev.anneal.mlflow;

import dev.anneal.event.Event;
import dev.anneal.job.Job;
import dev.anneal.job.JobMetrics;
import dev.anneal.job.JobReports;
import dev.anneal.job.Jobs;
import dev.anneal.job.figure.JobFigures;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.job.queue.JobSummaries;
import dev.anneal.json.Json;
import dev.anneal.mlflow.MlflowRuns.Claim;
import dev.anneal.text.Cut;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends what is new of a job: creates its run, then sends its events in their order. The run has a tag with the job's id, by which
 * one is found that was created by a process that died before it could record it. MLflow keeps a metric that comes twice, with the
 * same time and step, once.
 */
@Component
class MlflowExport {
    static final String JOB_TAG = "anneal.job";

    /** Events of one call. MLflow accepts 1,000 metrics in a call. */
    private static final int EVENTS = 50;

    private static final int PARAMETERS = 100;
    private static final int MAX_VALUE = 500;
    private static final Map<String, String> STATUS = Map.of(
            "queued", "SCHEDULED",
            "paused", "SCHEDULED",
            "running", "RUNNING",
            "succeeded", "FINISHED",
            "failed", "FAILED",
            "cancelled", "KILLED");

    private final MlflowRuns runs;
    private final JobEvents events;
    private final JobSummaries jobs;
    private final JobMetrics metrics;
    private final Jobs records;
    private final JobReports reports;
    private final MlflowSettings settings;

    MlflowExport(
            MlflowRuns runs,
            JobEvents events,
            JobSummaries jobs,
            JobMetrics metrics,
            Jobs records,
            JobReports reports,
            MlflowSettings settings) {
        this.runs = runs;
        this.events = events;
        this.jobs = jobs;
        this.metrics = metrics;
        this.records = records;
        this.reports = reports;
        this.settings = settings;
    }

    /** Sends all that is new, and ends the claim. */
    void send(Claim claim, MlflowClient server) throws IOException {
        JsonNode job = Json.MAPPER.readTree(jobs.of(claim.jobId()).json());
        Optional<String> run = claim.runId() == null ? create(claim, job, server) : Optional.of(claim.runId());
        if (run.isEmpty()) {
            return; // another process has claimed it
        }
        long last = claim.lastEvent();
        for (List<Event> page = events.after(claim.jobId(), last, EVENTS);
                !page.isEmpty();
                page = events.after(claim.jobId(), last, EVENTS)) {
            log(run.get(), page, server);
            for (Event event : page) {
                if (event.type().equals("status")) {
                    status(claim.jobId(), run.get(), event, server);
                }
            }
            last = page.get(page.size() - 1).id();
            if (!runs.sent(claim, last)) {
                return;
            }
        }
        switch (jobs.of(claim.jobId()).status()) {
            case "running" -> runs.rest(claim, settings.poll());
            case "queued", "paused" -> runs.restUntilChanged(claim);
            default -> end(claim, last);
        }
    }

    /** The job may have ended after its last events were read. */
    private void end(Claim claim, long last) {
        if (events.after(claim.jobId(), last, 1).isEmpty()) {
            runs.done(claim);
        } else {
            runs.rest(claim, settings.poll());
        }
    }

    private Optional<String> create(Claim claim, JsonNode job, MlflowClient server) throws IOException {
        String experiment = server.experiment(
                settings.experiment() + "/" + job.path("project").asString());
        Optional<JsonNode> existing = server.run(experiment, JOB_TAG, claim.jobId());
        JsonNode run = existing.isPresent() ? existing.get() : create(experiment, claim.jobId(), job, server);
        String id = run.path("info").path("run_id").asString();
        parameters(id, claim.jobId(), server);
        return runs.created(claim, id) ? Optional.of(id) : Optional.empty();
    }

    private JsonNode create(String experiment, String jobId, JsonNode job, MlflowClient server) throws IOException {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.put("experiment_id", experiment);
        body.put("run_name", job.path("name").asString(jobId));
        body.put("start_time", millis(job.path("created_at")));
        ArrayNode tags = body.putArray("tags");
        tag(tags, JOB_TAG, jobId);
        tag(tags, "mlflow.source.name", "anneal");
        for (String field : List.of("project", "task", "base_model", "dataset")) {
            tag(tags, "anneal." + field, job.path(field).asString(""));
        }
        return server.post("runs/create", body).path("run");
    }

    /** Sends the specification of the job as parameters, which have the same values each time. */
    private void parameters(String run, String jobId, MlflowClient server) throws IOException {
        ArrayNode parameters = Json.MAPPER.createArrayNode();
        flatten("", Json.MAPPER.readTree(jobs.spec(jobId)), parameters);
        for (int from = 0; from < parameters.size(); from += PARAMETERS) {
            ObjectNode batch = Json.MAPPER.createObjectNode().put("run_id", run);
            ArrayNode part = batch.putArray("params");
            for (int i = from; i < Math.min(from + PARAMETERS, parameters.size()); i++) {
                part.add(parameters.get(i));
            }
            server.post("runs/log-batch", batch);
        }
    }

    private static void flatten(String prefix, JsonNode value, ArrayNode parameters) {
        value.forEachEntry((name, field) -> {
            String key = (prefix + name).replaceAll("[^\\w./ -]", "_");
            if (field.isObject()) {
                flatten(key + ".", field, parameters);
            } else if (!field.isNull()) {
                String text = field.isValueNode() ? field.asString() : field.toString();
                parameters
                        .addObject()
                        .put("key", key)
                        .put("value", Cut.isNeeded(text, MAX_VALUE) ? Cut.to(text, MAX_VALUE - 1) + "…" : text);
            }
        });
    }

    /** Sends the figures of steps and validations. */
    private static void log(String run, List<Event> page, MlflowClient server) throws IOException {
        ObjectNode batch = Json.MAPPER.createObjectNode().put("run_id", run);
        ArrayNode figures = batch.putArray("metrics");
        for (Event event : page) {
            if (JobFigures.has(event)) {
                figures(event, figures);
            }
        }
        if (!figures.isEmpty()) {
            server.post("runs/log-batch", batch);
        }
    }

    private static void figures(Event event, ArrayNode figures) {
        JobFigures.of(event)
                .forEach((name, value) -> figures.addObject()
                        .put("key", name.replaceAll("[^\\w./ -]", "_"))
                        .put("value", value)
                        .put("timestamp", event.createdAt().toEpochMilli())
                        .put("step", event.data().path("step").asLong()));
    }

    /** Sends the status of the job, and at its end what it came to. */
    private void status(String jobId, String run, Event event, MlflowClient server) throws IOException {
        String status = event.data().path("status").asString();
        boolean isEnded = List.of("succeeded", "failed", "cancelled").contains(status);
        if (isEnded) {
            result(jobId, run, status, event, server);
        }
        ObjectNode update =
                Json.MAPPER.createObjectNode().put("run_id", run).put("status", STATUS.getOrDefault(status, "RUNNING"));
        if (isEnded) {
            update.put("end_time", event.createdAt().toEpochMilli());
        }
        server.post("runs/update", update);
    }

    private void result(String jobId, String run, String status, Event event, MlflowClient server) throws IOException {
        JsonNode job = Json.MAPPER.readTree(jobs.of(jobId).json());
        ObjectNode batch = Json.MAPPER.createObjectNode().put("run_id", run);
        ArrayNode tags = batch.putArray("tags");
        tag(tags, "anneal.status", status);
        tag(tags, "anneal.model", job.path("model").asString(""));
        tag(tags, "anneal.error", job.path("error").path("code").asString(""));
        tag(tags, "mlflow.note.content", job.path("error").path("message").asString(""));
        ArrayNode figures = batch.putArray("metrics");
        job.path("test_metrics").forEachEntry((name, value) -> {
            if (value.isNumber()) {
                figures.addObject()
                        .put("key", "test_" + name)
                        .put("value", value.asDouble())
                        .put("timestamp", event.createdAt().toEpochMilli())
                        .put("step", 0);
            }
        });
        server.post("runs/log-batch", batch);
        Optional<Job> reported =
                records.findById(jobId).filter(found -> metrics.report(jobId).isPresent());
        if (reported.isPresent()) {
            JsonNode info = server.run(run).path("info");
            server.upload(
                    info.path("artifact_uri").asString(""),
                    "report.json",
                    Json.MAPPER.writeValueAsBytes(reports.of(reported.get())));
        }
    }

    private static void tag(ArrayNode tags, String key, String value) {
        if (!value.isEmpty()) {
            tags.addObject().put("key", key).put("value", value);
        }
    }

    private static long millis(JsonNode time) {
        return Instant.parse(time.asString()).toEpochMilli();
    }
}
