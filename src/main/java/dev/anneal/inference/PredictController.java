package dev.anneal.inference;

import dev.anneal.local.ForRole;
import dev.anneal.model.Model;
import dev.anneal.model.ModelRegistry;
import dev.anneal.model.Models;
import dev.anneal.transformer.Encoded;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.Task;
import dev.anneal.transformer.TextWords;
import dev.anneal.transformer.Words;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
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
            Predictor predictor = batcher.classifier();
            List<Asked> asked = request.inputs().stream()
                    .map(input -> Asked.of(input, predictor))
                    .toList();
            List<CompletableFuture<float[]>> scores =
                    batcher.submit(asked.stream().map(Asked::tokens).toList());
            if (scores == null) {
                throw new Problem(
                        HttpStatus.TOO_MANY_REQUESTS, "too_busy", "Too many texts wait for this model; try again.");
            }
            return new Answer(
                    model.getId(),
                    IntStream.range(0, asked.size())
                            .mapToObj(i ->
                                    asked.get(i).answer(predictor, scores.get(i).join(), request.topK()))
                            .toList());
        }));
    }

    /** An input as tokens, and what is needed to say of which words an answer speaks. */
    private record Asked(String text, TextWords words, Encoded tokens, int[] firstTokens) {
        static Asked of(PredictRequest.Input input, Predictor predictor) {
            if (predictor.task() != Task.TOKEN_CLASSIFICATION) {
                return new Asked(null, null, predictor.encode(input.text(), input.textPair()), null);
            }
            TextWords words = input.tokens() != null ? TextWords.given(input.tokens()) : TextWords.of(input.text());
            String text = input.tokens() != null ? String.join(" ", input.tokens()) : input.text();
            Words encoded = predictor.encodeWords(words.words());
            return new Asked(text, words, encoded.text(), encoded.firstTokens());
        }

        Prediction answer(Predictor predictor, float[] scores, Integer topK) {
            return switch (predictor.task()) {
                case TEXT_CLASSIFICATION -> Prediction.label(predictor.labels(), scores, topK);
                case MULTI_LABEL -> Prediction.labels(predictor.labels(), scores, topK);
                case TEXT_REGRESSION -> Prediction.value(scores[0]);
                default -> Prediction.entities(predictor.labels(), scores, text, words, firstTokens);
            };
        }
    }

    private Model find(String id) {
        Model model = models.find(id).orElseThrow(() -> missing(id));
        if (!model.isReady()) {
            throw Problem.conflict("model_not_ready", "The model '" + id + "' is " + model.status() + ", not ready.");
        }
        if (model.task() == null) {
            throw Problem.conflict(
                    "no_head", "'" + id + "' is a base model without labels; fine-tune it, then call the result.");
        }
        if (model.task().equals("causal-lm") || model.task().equals("masked-lm")) {
            throw Problem.conflict(
                    "no_head",
                    "'%s' is a language model (%s): %s."
                            .formatted(
                                    id,
                                    model.task(),
                                    model.task().equals("causal-lm")
                                            ? "call generate instead of predict"
                                            : "name it as the base_model of a job, then call the result"));
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
