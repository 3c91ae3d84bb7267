package dev.anneal.host;

import static java.util.Objects.requireNonNull;

import dev.anneal.host.message.GenerateMessage;
import dev.anneal.host.message.GenerateMessage.Candidate;
import dev.anneal.host.message.GenerateMessage.Scored;
import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostOptions;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation;
import dev.anneal.transformer.generate.GenerationEngine;
import dev.anneal.transformer.generate.GenerationListener;
import dev.anneal.transformer.generate.GenerationOptions;
import dev.anneal.transformer.generate.TokenScore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Answers calls for generated text: all at once, in the batch of one engine. */
final class GenerateService {
    private final GenerationEngine engine;
    private final int cacheTokens;
    private final Watchdog watchdog;
    private final CallThreads threads;

    private GenerateService(GenerationEngine engine, int cacheTokens, Watchdog watchdog, CallThreads threads) {
        this.engine = engine;
        this.cacheTokens = cacheTokens;
        this.watchdog = watchdog;
        this.threads = threads;
    }

    static GenerateService load(Path directory, HostOptions options, Watchdog watchdog, CallThreads threads) {
        // The server bounds how many texts wait.
        var limits = new GenerationEngine.Limits(
                options.cores(),
                options.maxGenerations(),
                options.maxGenerationsPerKey(),
                options.cacheTokens(),
                Integer.MAX_VALUE);
        GenerationEngine engine = GenerationEngine.load(
                directory, options.device(), options.precision(), options.difference(), limits, new Steps(watchdog));
        return new GenerateService(engine, options.cacheTokens(), watchdog, threads);
    }

    /** Returns the precision in which the model is computed. */
    HostAnswer.Loaded loaded() {
        return new HostAnswer.Loaded(engine.precision(), engine.difference());
    }

    private record Steps(Watchdog watchdog) implements GenerationEngine.StepRunner {
        /** Runs a step. After an error of the JVM the engine cannot continue, so this process ends and the server starts another. */
        @Override
        public void run(List<GenerationListener> texts, Runnable step) {
            List<Long> calls = texts.stream().map(text -> call(text).id()).toList();
            try {
                watchdog.within("compute a token", calls, () -> {
                    step.run();
                    return true;
                });
            } catch (Error fatal) {
                fatal.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        }

        @Override
        public boolean mayShare(GenerationListener one, GenerationListener other) {
            return !watchdog.isSeparate()
                    || call(one).caller().equals(call(other).caller());
        }

        private static HostCall call(GenerationListener text) {
            return ((Listener) text).call();
        }
    }

    void answer(HostCall call, GenerateMessage message) {
        threads.execute(call, () -> {
            int[] prompt = prompt(call, message);
            if (prompt != null) {
                call.onCancel(engine.submit(prompt, options(message), Listener.of(call, message))::cancel);
            }
        });
    }

    private static GenerationOptions options(GenerateMessage message) {
        return new GenerationOptions(
                message.maxNewTokens(),
                message.temperature(),
                message.topP(),
                message.topK(),
                message.stop(),
                message.seed(),
                message.logprobs() == null ? GenerationOptions.NO_LOGPROBS : message.logprobs());
    }

    /** Collects the probabilities of the tokens, if they were requested: a piece of the text has none. */
    private record Listener(HostCall call, @Nullable List<Scored> scored) implements GenerationListener {
        static Listener of(HostCall call, GenerateMessage message) {
            return new Listener(call, message.logprobs() == null ? null : new ArrayList<>());
        }

        @Override
        public String owner() {
            return call.key();
        }

        @Override
        public String group() {
            return call.caller();
        }

        @Override
        public void text(String piece, List<TokenScore> scores) {
            if (scored != null) {
                scores.forEach(score -> scored.add(scored(score)));
            }
            if (!piece.isEmpty()) {
                call.piece(piece);
            }
        }

        private static Scored scored(TokenScore token) {
            return new Scored(
                    token.id(),
                    token.text(),
                    token.logprob(),
                    token.likeliest().stream()
                            .map(other -> new Candidate(other.id(), other.text(), other.logprob()))
                            .toList());
        }

        @Override
        public void ended(Generation generation) {
            switch (generation.finishReason()) {
                case STOP -> succeed(generation, "stop");
                case LENGTH -> succeed(generation, "length");
                case CANCELLED -> call.fail(new CancellationException());
            }
        }

        private void succeed(Generation generation, String reason) {
            call.succeed(new GenerateMessage.Generated(
                    generation.text(), reason, generation.promptTokens(), generation.completionTokens(), scored));
        }

        @Override
        public void failed(RuntimeException cause) {
            call.fail(cause);
        }
    }

    /** Returns the tokens of the prompt, or fails the call and returns null. */
    private int @Nullable [] prompt(HostCall call, GenerateMessage message) {
        int[] prompt;
        try {
            prompt = watchdog.within(
                    "tokenize the prompt",
                    call,
                    () -> message.prompt() != null
                            ? engine.encode(message.prompt())
                            : engine.encode(requireNonNull(message.messages())));
        } catch (ModelException e) {
            call.fail("invalid_messages", 422, HostCall.sentence(e.getMessage()));
            return null;
        }
        int most = engine.maxLength();
        if (prompt.length == 0 || prompt.length >= most) {
            call.fail(
                    prompt.length == 0 ? "prompt_empty" : "prompt_too_long",
                    400,
                    "The prompt has %,d tokens. The model takes at most %,d tokens, including at least one for the answer."
                            .formatted(prompt.length, most));
            return null;
        }
        int room = Math.min(most, prompt.length + message.maxNewTokens());
        if (room > cacheTokens) {
            call.fail(
                    "prompt_too_long",
                    400,
                    "The prompt has %,d tokens and its answer may have %,d. The server has room for %,d tokens (anneal.inference.cache-tokens). Send a shorter prompt, or set a smaller 'max_new_tokens'."
                            .formatted(prompt.length, room - prompt.length, cacheTokens));
            return null;
        }
        return prompt;
    }
}
