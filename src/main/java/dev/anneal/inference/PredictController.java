package dev.anneal.inference;

import dev.anneal.local.ForRole;
import dev.anneal.model.Model;
import dev.anneal.model.ModelRegistry;
import dev.anneal.model.Models;
import dev.anneal.transformer.Encoded;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("inference")
@RequestMapping("/api/v1/models")
class PredictController {
    record Answer(String model, List<Prediction> predictions) {}

    private final Models models;
    private final LoadedModels loaded;
    private final JdbcClient jdbc;
    private final Timer timer;
    private final int maxInputs;
    private final int maxCharacters;

    PredictController(
            Models models,
            LoadedModels loaded,
            JdbcClient jdbc,
            MeterRegistry meters,
            @Value("${anneal.inference.max-inputs:1000}") int maxInputs,
            @Value("${anneal.inference.max-characters:100000}") int maxCharacters) {
        this.models = models;
        this.loaded = loaded;
        this.jdbc = jdbc;
        this.timer = Timer.builder("anneal.predict")
                .description("Predict requests, from the read body to the answer")
                .publishPercentiles(0.5, 0.99)
                .register(meters);
        this.maxInputs = maxInputs;
        this.maxCharacters = maxCharacters;
    }

    @PostMapping(path = "/{id}/predict", consumes = MediaType.APPLICATION_JSON_VALUE)
    Answer predict(@PathVariable String id, @RequestBody JsonNode body) {
        Model model = find(id);
        PredictRequest request = PredictRequest.of(body, maxInputs, maxCharacters);
        return timer.record(() -> loaded.with(model, batcher -> {
            List<Encoded> texts = request.inputs().stream()
                    .map(input -> batcher.classifier().encode(input.text(), input.textPair()))
                    .toList();
            List<CompletableFuture<float[]>> scores = batcher.submit(texts);
            if (scores == null) {
                throw new Problem(
                        HttpStatus.TOO_MANY_REQUESTS, "too_busy", "Too many texts wait for this model; try again.");
            }
            List<String> labels = batcher.classifier().labels();
            return new Answer(
                    model.getId(),
                    scores.stream()
                            .map(s -> Prediction.of(labels, s.join(), request.topK()))
                            .toList());
        }));
    }

    private Model find(String id) {
        Model model = models.find(id).orElseThrow(() -> missing(id));
        if (model.isBase()) {
            throw Problem.conflict(
                    "no_head", "'" + id + "' is a base model without labels; fine-tune it, then call the result.");
        }
        return model;
    }

    /** Who asks for a model too early, or by the id of its job, is told how the job stands. */
    private Problem missing(String id) {
        String status = jdbc.sql("select status from jobs where id = ?")
                .param(id.replaceFirst("^mdl_", "job_"))
                .query(String.class)
                .optional()
                .orElse("");
        boolean ended = List.of("", "succeeded", "failed", "cancelled").contains(status);
        if (ended && (status.isEmpty() || id.startsWith("mdl_"))) {
            return Problem.notFound("model", id);
        }
        return Problem.conflict(
                "model_not_ready",
                status.equals("succeeded")
                        ? "'" + id + "' is a job; its model is '" + ModelRegistry.idFor(id) + "'."
                        : "The job is " + status + "; its model is published when it has succeeded.");
    }
}
