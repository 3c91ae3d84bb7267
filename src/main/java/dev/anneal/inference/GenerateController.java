package dev.anneal.inference;

import dev.anneal.host.message.GenerateMessage.Generated;
import dev.anneal.host.message.HostRequest;
import dev.anneal.hosting.CallLimits;
import dev.anneal.hosting.HostPool;
import dev.anneal.json.Json;
import dev.anneal.model.Model;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.annotation.PreDestroy;
import jakarta.servlet.http.HttpServletResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
import org.springframework.web.context.request.async.DeferredResult;
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
    private final InferenceSettings settings;
    private final Counter tokens;
    private final Counter abandoned;
    private final Timer firstToken;
    private final ExecutorService senders = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "generate");
        thread.setDaemon(true);
        return thread;
    });

    GenerateController(
            ServableModels models,
            HostPool hosts,
            CallLimits limits,
            MeterRegistry meters,
            InferenceSettings settings) {
        this.models = models;
        this.hosts = hosts;
        this.limits = limits;
        this.settings = settings;
        this.tokens = Counter.builder("anneal.generate.tokens")
                .description("Generated tokens")
                .register(meters);
        this.abandoned = Counter.builder("anneal.generate.abandoned")
                .description("Streams that the client closed early")
                .register(meters);
        this.firstToken = Timer.builder("anneal.generate.first.token")
                .description("Time from the request to the first generated text, including waiting")
                .publishPercentiles(0.5, 0.99)
                .register(meters);
    }

    @PostMapping(path = "/{id}/generate", consumes = MediaType.APPLICATION_JSON_VALUE)
    DeferredResult<Object> generate(@PathVariable String id, @RequestBody JsonNode body, HttpServletResponse response) {
        Timer.Sample sample = Timer.start();
        Model model = models.generating(id);
        GenerateRequest request = GenerateRequest.of(body, settings.maxNewTokens(), settings.maxCharacters());
        if (request.stream()) {
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("X-Accel-Buffering", "no");
            return Deferred.of(stream(model, request, sample));
        }
        CompletableFuture<GenerateAnswer> answer = call(model, request, sample, piece -> {});
        CompletableFuture<Object> whole = new CompletableFuture<>();
        answer.whenComplete((result, failure) -> {
            if (failure == null) {
                whole.complete(result);
            } else {
                whole.completeExceptionally(failure);
            }
        });
        cancelWith(whole, answer);
        return Deferred.of(whole);
    }

    /** Starts the generation. The result is an emitter once there is text, so that a refusal is still an ordinary answer. */
    private CompletableFuture<Object> stream(Model model, GenerateRequest request, Timer.Sample sample) {
        CompletableFuture<Object> begun = new CompletableFuture<>();
        CompletableFuture<Void> disconnected = new CompletableFuture<>();
        TokenEvents events = new TokenEvents(senders, () -> {
            abandoned.increment();
            disconnected.complete(null);
        });
        CompletableFuture<GenerateAnswer> answer = call(model, request, sample, piece -> {
            events.text(piece);
            begun.complete(events.emitter());
        });
        disconnected.thenRun(() -> answer.cancel(false));
        begun.whenComplete((emitter, failure) -> {
            if (begun.isCancelled() && answer.cancel(false)) {
                abandoned.increment();
            }
        });
        answer.whenComplete((whole, failure) -> {
            if (failure == null) {
                events.done(whole);
                begun.complete(events.emitter());
            } else if (!answer.isCancelled()
                    && !begun.completeExceptionally(
                            failure)) { // the answer has begun, and its client waits for the end
                fail(model, events, failure);
            }
        });
        return begun;
    }

    private static void fail(Model model, TokenEvents events, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof Problem problem) {
            events.error(problem.code(), String.valueOf(problem.getMessage()));
        } else {
            log.error("generation with {} failed", model.getId(), cause);
            events.error("internal_error", Problem.INTERNAL_ERROR);
        }
    }

    /** Calls the model. If the returned future is cancelled, the model stops. */
    private CompletableFuture<GenerateAnswer> call(
            Model model, GenerateRequest request, Timer.Sample sample, Consumer<String> onPiece) {
        Caller caller = Caller.current();
        CallLimits.Permit permit = limits.generate(model.getId(), caller.subject());
        AtomicBoolean begun = new AtomicBoolean();
        CompletableFuture<JsonNode> sent;
        try {
            sent = hosts.call(model, HostRequest.GENERATE, caller.project(), request.message(), piece -> {
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
            Model model,
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
                GenerateAnswer.of(model.getId(), generated, request.message().seed()));
    }

    @PreDestroy
    void close() {
        senders.shutdown();
    }
}
