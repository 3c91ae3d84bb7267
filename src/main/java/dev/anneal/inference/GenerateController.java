package dev.anneal.inference;

import dev.anneal.host.message.GenerateMessage.Generated;
import dev.anneal.host.message.HostRequest;
import dev.anneal.hosting.CallLimits;
import dev.anneal.hosting.HostPool;
import dev.anneal.hosting.exchange.Exchange;
import dev.anneal.hosting.exchange.Exchanges;
import dev.anneal.json.Json;
import dev.anneal.model.ServedModel;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Generated text, whole or as a stream. No thread waits while a model computes. */
@RestController
@ForRole("inference")
@RequestMapping("/api/v1/models")
class GenerateController {
    private static final Logger log = LoggerFactory.getLogger(GenerateController.class);

    private final ServableModels models;
    private final HostPool hosts;
    private final CallLimits limits;
    private final Exchanges exchanges;
    private final InferenceSettings settings;
    private final Counter tokens;
    private final Counter abandoned;
    private final Timer firstToken;

    GenerateController(
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
        this.tokens = Counter.builder("anneal.generate.tokens")
                .description("Generated tokens")
                .register(meters);
        this.abandoned = Counter.builder("anneal.generate.abandoned")
                .description("Texts of which the client disconnected early")
                .register(meters);
        this.firstToken = Timer.builder("anneal.generate.first.token")
                .description("Time from the request to the first generated text, including waiting")
                .publishPercentiles(0.5, 0.99)
                .register(meters);
    }

    @PostMapping(path = "/{id}/generate", consumes = MediaType.APPLICATION_JSON_VALUE)
    void generate(
            @PathVariable String id, @RequestBody JsonNode body, HttpServletRequest http, HttpServletResponse response)
            throws IOException {
        Timer.Sample sample = Timer.start();
        ServedModel model = models.generating(id);
        GenerateRequest request = GenerateRequest.of(body, settings.maxNewTokens(), settings.maxCharacters());
        Pieces pieces = new Pieces();
        CompletableFuture<GenerateAnswer> answer = call(model, request, sample, pieces);
        Exchange exchange = exchanges.open(http, response, answer);
        exchange.onDisconnect(abandoned::increment);
        if (request.stream()) {
            stream(model, exchange, pieces, answer);
            return;
        }
        pieces.follow(piece -> {});
        answer.whenComplete((whole, failure) -> {
            if (failure == null) {
                exchange.answer(whole);
            } else {
                exchange.fail(failure);
            }
        });
    }

    /** Streams the text. The stream begins once there is text, so that a refusal is still an ordinary answer. */
    private void stream(ServedModel model, Exchange exchange, Pieces pieces, CompletableFuture<GenerateAnswer> answer) {
        TokenEvents events = new TokenEvents(exchange, exchanges.threads());
        pieces.follow(events::text);
        answer.whenComplete((whole, failure) -> {
            if (answer.isCancelled()) {
                return; // the exchange has ended, or ends with the reason
            }
            if (failure == null) {
                events.done(whole);
            } else if (events.hasBegun()) {
                fail(model, events, failure);
            } else {
                exchange.fail(failure);
            }
        });
    }

    /** The pieces of a text, which may come before anybody follows them. */
    private static final class Pieces implements Consumer<String> {
        private final List<String> early = new ArrayList<>();
        private @Nullable Consumer<String> follower;

        @Override
        public synchronized void accept(String piece) {
            if (follower == null) {
                early.add(piece);
            } else {
                follower.accept(piece);
            }
        }

        synchronized void follow(Consumer<String> consumer) {
            early.forEach(consumer);
            early.clear();
            follower = consumer;
        }
    }

    private static void fail(ServedModel model, TokenEvents events, Throwable failure) {
        if (failure instanceof Problem problem) {
            events.error(problem.code(), String.valueOf(problem.getMessage()));
        } else {
            log.error("generation with {} failed", model.id(), failure);
            events.error("internal_error", Problem.INTERNAL_ERROR);
        }
    }

    /** Calls the model. If the returned future is cancelled, the model stops. */
    private CompletableFuture<GenerateAnswer> call(
            ServedModel model, GenerateRequest request, Timer.Sample sample, Consumer<String> onPiece) {
        Caller caller = Caller.current();
        CallLimits.Permit permit = limits.generate(model.id(), caller.project(), caller.subject());
        AtomicBoolean begun = new AtomicBoolean();
        CompletableFuture<JsonNode> sent;
        try {
            sent = hosts.call(
                    model, HostRequest.GENERATE, caller.project(), caller.subject(), request.message(), piece -> {
                        if (begun.compareAndSet(false, true)) {
                            sample.stop(firstToken);
                        }
                        onPiece.accept(piece);
                    });
        } catch (RuntimeException refused) {
            permit.close();
            throw refused;
        }
        CompletableFuture<GenerateAnswer> answer = new CompletableFuture<>();
        cancelWith(answer, sent);
        sent.whenComplete((result, failure) -> {
            permit.close();
            complete(answer, model, request, result, failure);
        });
        return answer;
    }

    /** Cancels a future if another one is cancelled. */
    private static void cancelWith(CompletableFuture<?> cancelled, CompletableFuture<?> other) {
        cancelled.whenComplete((result, failure) -> {
            if (cancelled.isCancelled()) {
                other.cancel(false);
            }
        });
    }

    private void complete(
            CompletableFuture<GenerateAnswer> answer,
            ServedModel model,
            GenerateRequest request,
            @Nullable JsonNode result,
            @Nullable Throwable failure) {
        if (result == null) {
            answer.completeExceptionally(failure == null ? new IllegalStateException("no result") : failure);
            return;
        }
        Generated generated;
        try {
            generated = Json.MAPPER.treeToValue(result, Generated.class);
        } catch (JacksonException notOurProtocol) {
            answer.completeExceptionally(notOurProtocol);
            return;
        }
        tokens.increment(generated.completionTokens());
        answer.complete(
                GenerateAnswer.of(model.id(), generated, request.message().seed()));
    }
}
