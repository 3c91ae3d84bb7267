package dev.anneal.inference;

import static java.util.Objects.requireNonNull;

import dev.anneal.model.Model;
import dev.anneal.role.ForRole;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation;
import dev.anneal.transformer.generate.TextGenerator;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.annotation.PreDestroy;
import jakarta.servlet.http.HttpServletResponse;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("inference")
@RequestMapping("/api/v1/models")
class GenerateController {
    private static final Logger log = LoggerFactory.getLogger(GenerateController.class);

    private final ServableModels models;
    private final LoadedModels loaded;
    private final Counter tokens;
    private final Counter abandoned;
    private final Timer firstToken;
    private final ExecutorService streams = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "generate");
        thread.setDaemon(true);
        return thread;
    });
    private final int maxNewTokens;
    private final int maxCharacters;

    GenerateController(ServableModels models, LoadedModels loaded, MeterRegistry meters, InferenceSettings settings) {
        this.models = models;
        this.loaded = loaded;
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
        this.maxNewTokens = settings.maxNewTokens();
        this.maxCharacters = settings.maxCharacters();
    }

    @PostMapping(path = "/{id}/generate", consumes = MediaType.APPLICATION_JSON_VALUE)
    Object generate(@PathVariable String id, @RequestBody JsonNode body, HttpServletResponse response) {
        Timer.Sample sample = Timer.start();
        Model model = models.generating(id);
        GenerateRequest request = GenerateRequest.of(body, maxNewTokens, maxCharacters);
        if (request.stream()) {
            SseEmitter emitter = stream(model, request, sample);
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("X-Accel-Buffering", "no");
            return emitter;
        }
        GenerateAnswer answer = loaded.withGenerator(model, generator -> {
            int[] prompt = prompt(generator.texts(), request);
            return generator.inTurn(texts -> write(model, texts, prompt, request, sample, piece -> {}));
        });
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(answer);
    }

    /** Starts the generation in another thread. Waits until it begins, so that a refusal is still an ordinary answer. */
    private SseEmitter stream(Model model, GenerateRequest request, Timer.Sample sample) {
        TokenEvents events = new TokenEvents();
        CompletableFuture<SseEmitter> begun = new CompletableFuture<>();
        streams.execute(() -> {
            try {
                loaded.withGenerator(model, generator -> {
                    int[] prompt = prompt(generator.texts(), request);
                    return generator.inTurn(texts -> {
                        begun.complete(events.emitter());
                        return stream(model, texts, prompt, request, events, sample);
                    });
                });
            } catch (Throwable failure) {
                if (!begun.completeExceptionally(failure)) { // the answer has begun, and its client waits for the end
                    log.error("generation with {} failed", model.getId(), failure);
                    fail(events);
                }
            }
        });
        try {
            return begun.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException refused ? refused : failed;
        }
    }

    @PreDestroy
    void close() {
        streams.shutdown();
    }

    private static int[] prompt(TextGenerator texts, GenerateRequest request) {
        int[] prompt;
        try {
            prompt = request.prompt() != null
                    ? texts.encode(request.prompt())
                    : texts.encode(requireNonNull(request.messages()));
        } catch (ModelException e) {
            throw Problem.unprocessable("invalid_messages", sentence(e.getMessage()));
        }
        if (prompt.length == 0 || prompt.length >= texts.maxLength()) {
            throw new Problem(
                    HttpStatus.BAD_REQUEST,
                    prompt.length == 0 ? "prompt_empty" : "prompt_too_long",
                    "The prompt has %,d tokens. The model takes at most %,d tokens, including at least one for the answer."
                            .formatted(prompt.length, texts.maxLength()));
        }
        return prompt;
    }

    private static String sentence(@Nullable String message) {
        String text = message == null || message.isEmpty() ? "The chat template fails" : message;
        String start = Character.toUpperCase(text.charAt(0)) + text.substring(1);
        return start.endsWith(".") ? start : start + ".";
    }

    private GenerateAnswer write(
            Model model,
            TextGenerator texts,
            int[] prompt,
            GenerateRequest request,
            Timer.Sample sample,
            Consumer<String> onText) {
        boolean[] begun = {false};
        Generation generation = texts.generate(prompt, request.options(), piece -> {
            if (!begun[0]) {
                sample.stop(firstToken);
                begun[0] = true;
            }
            onText.accept(piece);
        });
        tokens.increment(generation.completionTokens());
        return GenerateAnswer.of(model.getId(), generation, request.options().seed());
    }

    private @Nullable GenerateAnswer stream(
            Model model,
            TextGenerator texts,
            int[] prompt,
            GenerateRequest request,
            TokenEvents events,
            Timer.Sample sample) {
        try {
            GenerateAnswer answer = write(model, texts, prompt, request, sample, events::text);
            events.done(answer);
            return answer;
        } catch (UncheckedIOException disconnected) {
            abandoned.increment();
        } catch (RuntimeException fault) {
            log.error("generation with {} failed", model.getId(), fault);
            fail(events);
        }
        return null;
    }

    private static void fail(TokenEvents events) {
        try {
            events.error("internal_error", Problem.INTERNAL_ERROR);
        } catch (UncheckedIOException disconnected) {
            // the client has disconnected
        }
    }
}
