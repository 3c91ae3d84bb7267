package dev.anneal.inference;

import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.PredictMessage;
import dev.anneal.hosting.CallLimits;
import dev.anneal.hosting.HostPool;
import dev.anneal.hosting.exchange.Exchange;
import dev.anneal.hosting.exchange.Exchanges;
import dev.anneal.model.ServedModel;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Predictions. No thread waits while a model computes. */
@RestController
@ForRole("inference")
@RequestMapping("/api/v1/models")
class PredictController {
    /** The predictions are a list of {@link dev.anneal.host.message.Prediction}, as the model host wrote them. */
    record Answer(String model, JsonNode predictions) {}

    private final ServableModels models;
    private final HostPool hosts;
    private final CallLimits limits;
    private final Exchanges exchanges;
    private final Timer timer;
    private final InferenceSettings settings;

    PredictController(
            ServableModels models,
            HostPool hosts,
            CallLimits limits,
            Exchanges exchanges,
            MeterRegistry meters,
            InferenceSettings settings) {
        this.models = models;
        this.hosts = hosts;
        this.limits = limits;
        this.exchanges = exchanges;
        this.settings = settings;
        this.timer = Timer.builder("anneal.predict")
                .description("Time of predict requests, from the read body to the answer")
                .publishPercentiles(0.5, 0.99)
                .register(meters);
    }

    @PostMapping(
            path = "/{id}/predict",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    void predict(
            @PathVariable String id, @RequestBody JsonNode body, HttpServletRequest http, HttpServletResponse response)
            throws IOException {
        ServedModel model = models.predicting(id);
        PredictRequest request = PredictRequest.of(body, settings.maxInputs(), settings.maxCharacters());
        request.requireTask(model.task());
        Caller caller = Caller.current();
        Timer.Sample sample = Timer.start();
        CallLimits.Permit permit = limits.predict(
                model.id(), caller.project(), caller.subject(), request.inputs().size(), request.characters());
        CompletableFuture<JsonNode> predictions;
        try {
            predictions = hosts.call(
                    model,
                    HostRequest.PREDICT,
                    caller.project(),
                    caller.subject(),
                    new PredictMessage(request.inputs(), request.topK(), request.longTexts()),
                    piece -> {});
        } catch (RuntimeException refused) {
            permit.close();
            throw refused;
        }
        predictions.whenComplete((result, failure) -> {
            permit.close();
            sample.stop(timer);
        });
        Exchange exchange = exchanges.open(http, response, predictions);
        predictions.whenComplete((result, failure) -> {
            if (failure == null) {
                exchange.answer(new Answer(model.id(), result));
            } else {
                exchange.fail(failure);
            }
        });
    }
}
