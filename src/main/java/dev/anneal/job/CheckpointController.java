package dev.anneal.job;

import dev.anneal.job.checkpoint.CheckpointView;
import dev.anneal.job.checkpoint.JobCheckpoint;
import dev.anneal.job.checkpoint.JobCheckpoints;
import dev.anneal.model.ModelView;
import dev.anneal.model.Models;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Sha256;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/jobs/{id}/checkpoints")
class CheckpointController {
    private final Jobs jobs;
    private final JobCheckpoints checkpoints;
    private final JobMetrics metrics;
    private final CheckpointPublication publication;
    private final Models models;
    private final Idempotency idempotency;

    CheckpointController(
            Jobs jobs,
            JobCheckpoints checkpoints,
            JobMetrics metrics,
            CheckpointPublication publication,
            Models models,
            Idempotency idempotency) {
        this.jobs = jobs;
        this.checkpoints = checkpoints;
        this.metrics = metrics;
        this.publication = publication;
        this.models = models;
        this.idempotency = idempotency;
    }

    /** Returns all checkpoints in one page: a job keeps only a few. */
    @GetMapping
    Page<CheckpointView> list(@PathVariable String id) {
        Job job = find(id);
        String metric = job.spec().bestMetric().name();
        Map<Integer, JsonNode> validations = metrics.of(job.getId()).stream()
                .collect(Collectors.toMap(m -> m.path("step").asInt(), Function.identity(), (first, second) -> second));
        List<CheckpointView> views = checkpoints.of(job.getId()).stream()
                .map(checkpoint -> CheckpointView.of(checkpoint, metric, value(checkpoint, metric, validations)))
                .toList();
        return new Page<>(views, false);
    }

    private static @Nullable Double value(JobCheckpoint checkpoint, String metric, Map<Integer, JsonNode> validations) {
        JsonNode validation = validations.get(checkpoint.step());
        if (!checkpoint.hasModel() || validation == null) {
            return null;
        }
        JsonNode value = validation.path(metric.equals("loss") ? "validation_loss" : metric);
        return value.isNumber() ? value.doubleValue() : null;
    }

    @PostMapping("/{step}/publish")
    ResponseEntity<ModelView> publish(
            @PathVariable String id,
            @PathVariable int step,
            @RequestHeader(name = "Idempotency-Key", required = false) String key)
            throws IOException {
        Job job = find(id);
        String model = idempotency.once(
                key,
                "publishCheckpoint",
                () -> Sha256.of(job.getId() + " " + step),
                () -> publication.publish(job, step));
        return ResponseEntity.created(URI.create("/api/v1/models/" + model))
                .body(Idempotency.existing(key, "model", model, models.findById(model))
                        .view(null, null));
    }

    private Job find(String id) {
        return jobs.find(id, Caller.current().project()).orElseThrow(() -> Problem.notFound("job", id));
    }
}
