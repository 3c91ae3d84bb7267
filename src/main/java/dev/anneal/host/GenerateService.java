package dev.anneal.host;

import static java.util.Objects.requireNonNull;

import dev.anneal.host.message.GenerateMessage;
import dev.anneal.host.message.HostOptions;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation;
import dev.anneal.transformer.generate.GenerationOptions;
import dev.anneal.transformer.generate.TextGenerator;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Answers calls for generated text. */
final class GenerateService {
    private final TextGenerator texts;
    private final Watchdog watchdog;
    private final ExecutorService turns;

    private GenerateService(TextGenerator texts, Watchdog watchdog, int atOnce) {
        this.texts = texts;
        this.watchdog = watchdog;
        this.turns = Executors.newFixedThreadPool(atOnce, task -> {
            Thread thread = new Thread(task, "generate");
            thread.setDaemon(true);
            return thread;
        });
    }

    static GenerateService load(Path directory, HostOptions options, Watchdog watchdog) {
        int threads = Math.max(1, options.cores() / options.maxGenerations());
        return new GenerateService(
                TextGenerator.load(directory, options.device(), threads), watchdog, options.maxGenerations());
    }

    void answer(HostCall call, GenerateMessage message) {
        turns.execute(() -> {
            try {
                int[] prompt = prompt(call, message);
                if (prompt != null) {
                    generate(call, message, prompt);
                }
            } catch (Throwable fault) {
                call.fail(fault);
            }
        });
    }

    private void generate(HostCall call, GenerateMessage message, int[] prompt) {
        GenerationOptions options = new GenerationOptions(
                message.maxNewTokens(),
                message.temperature(),
                message.topP(),
                message.topK(),
                message.stop(),
                message.seed());
        Generation generation = texts.generate(prompt, options, piece -> {
            if (call.isCancelled()) {
                throw new CancellationException();
            }
            call.piece(piece);
        });
        call.succeed(new GenerateMessage.Generated(
                generation.text(),
                generation.finishReason() == Generation.FinishReason.STOP ? "stop" : "length",
                generation.promptTokens(),
                generation.completionTokens()));
    }

    /** Returns the tokens of the prompt, or fails the call and returns null. */
    private int @Nullable [] prompt(HostCall call, GenerateMessage message) {
        int[] prompt;
        try {
            prompt = watchdog.within(
                    "tokenize the prompt",
                    () -> message.prompt() != null
                            ? texts.encode(message.prompt())
                            : texts.encode(requireNonNull(message.messages())));
        } catch (ModelException e) {
            call.fail("invalid_messages", 422, HostCall.sentence(e.getMessage()));
            return null;
        }
        if (prompt.length == 0 || prompt.length >= texts.maxLength()) {
            call.fail(
                    prompt.length == 0 ? "prompt_empty" : "prompt_too_long",
                    400,
                    "The prompt has %,d tokens. The model takes at most %,d tokens, including at least one for the answer."
                            .formatted(prompt.length, texts.maxLength()));
            return null;
        }
        return prompt;
    }
}
