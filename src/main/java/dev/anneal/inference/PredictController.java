package dev.anneal.inference;

import static java.util.Objects.requireNonNull;

import dev.anneal.model.Model;
import dev.anneal.role.ForRole;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.TextWords;
import dev.anneal.transformer.tokenizer.Words;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
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

    private final ServableModels models;
    private final LoadedModels loaded;
    private final Timer timer;
    private final int maxInputs;
    private final int maxCharacters;

    PredictController(ServableModels models, LoadedModels loaded, MeterRegistry meters, InferenceSettings settings) {
        this.models = models;
        this.loaded = loaded;
        this.timer = Timer.builder("anneal.predict")
                .description("Time of predict requests, from the read body to the answer")
                .publishPercentiles(0.5, 0.99)
                .register(meters);
        this.maxInputs = settings.maxInputs();
        this.maxCharacters = settings.maxCharacters();
    }

    @PostMapping(path = "/{id}/predict", consumes = MediaType.APPLICATION_JSON_VALUE)
    Answer predict(@PathVariable String id, @RequestBody JsonNode body) {
        Model model = models.predicting(id);
        PredictRequest request = PredictRequest.of(body, maxInputs, maxCharacters);
        return timer.record(() -> loaded.with(model, batcher -> {
            Predictor predictor = batcher.predictor();
            List<EncodedInput> inputs = request.inputs().stream()
                    .map(input -> EncodedInput.of(input, predictor))
                    .toList();
            List<CompletableFuture<float[]>> scores =
                    batcher.submit(inputs.stream().map(EncodedInput::tokens).toList());
            if (scores == null) {
                throw new Problem(
                        HttpStatus.TOO_MANY_REQUESTS,
                        "too_busy",
                        "Too many texts are waiting for this model. Try again later.");
            }
            return new Answer(
                    model.getId(),
                    IntStream.range(0, inputs.size())
                            .mapToObj(i -> inputs.get(i)
                                    .answer(predictor, scores.get(i).join(), request.topK()))
                            .toList());
        }));
    }

    /** An encoded input, and what maps the answer back to its words. */
    private record EncodedInput(
            @Nullable String text, @Nullable TextWords words, Encoded tokens, int @Nullable [] firstTokens) {
        static EncodedInput of(PredictRequest.Input input, Predictor predictor) {
            if (predictor.task() != Task.TOKEN_CLASSIFICATION) {
                return new EncodedInput(null, null, predictor.encode(input.text(), input.textPair()), null);
            }
            TextWords words = input.tokens() != null ? TextWords.given(input.tokens()) : TextWords.of(input.text());
            String text = input.tokens() != null ? String.join(" ", input.tokens()) : input.text();
            Words encoded = predictor.encodeWords(words.words());
            return new EncodedInput(text, words, encoded.text(), encoded.firstTokens());
        }

        Prediction answer(Predictor predictor, float[] scores, @Nullable Integer topK) {
            return switch (predictor.task()) {
                case TEXT_CLASSIFICATION -> Prediction.label(predictor.labels(), scores, topK);
                case MULTI_LABEL -> Prediction.labels(predictor.labels(), scores, topK);
                case TEXT_REGRESSION -> Prediction.value(scores[0]);
                default ->
                    Prediction.entities(
                            predictor.labels(),
                            scores,
                            requireNonNull(text),
                            requireNonNull(words),
                            requireNonNull(firstTokens));
            };
        }
    }
}
