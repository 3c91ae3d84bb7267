package dev.anneal.training.answer;

import dev.anneal.evaluation.AnswerReport.Answer;
import dev.anneal.training.process.StopRequest;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation;
import dev.anneal.transformer.generate.GenerationEngine;
import dev.anneal.transformer.generate.GenerationListener;
import dev.anneal.transformer.generate.GenerationOptions;
import dev.anneal.transformer.generate.TokenScore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Generates the likeliest answer of a model to each question, several at a time. */
final class AnswerWriter implements AutoCloseable {
    private static final int TEXTS = 8;
    /** The tokens that all texts at once may have, with their answers: so much room do the caches take. */
    private static final int CACHE_TOKENS = 4096;
    /** An answer may be longer than the wanted one by so many tokens. */
    private static final int MORE_TOKENS = 32;

    private static final int MOST_TOKENS = 256;
    private static final long SECONDS = 120;

    private final GenerationEngine engine;

    AnswerWriter(Path model, String device, int threads) {
        var limits = new GenerationEngine.Limits(threads, TEXTS, CACHE_TOKENS, Integer.MAX_VALUE / 2);
        engine = GenerationEngine.load(model, device, GenerationEngine.FP32, limits);
    }

    /** Returns the answers within two minutes, null for a question that is too long or for which there was no time. */
    static List<@Nullable Answer> write(
            Path model, String device, int threads, List<AnswerRows.Question> questions, StopRequest stop) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        try (AnswerWriter writer = new AnswerWriter(model, device, threads)) {
            List<CompletableFuture<Optional<Answer>>> pending =
                    questions.stream().map(writer::submit).toList();
            List<@Nullable Answer> answers = new ArrayList<>();
            for (CompletableFuture<Optional<Answer>> answer : pending) {
                answers.add(await(answer, end, stop));
            }
            return answers;
        }
    }

    /** Begins an answer, which is empty if the question is too long. */
    CompletableFuture<Optional<Answer>> submit(AnswerRows.Question question) {
        CompletableFuture<Optional<Answer>> answer = new CompletableFuture<>();
        int[] prompt = question.isConversation() ? engine.encode(question.messages()) : engine.encode(question.text());
        int most = Math.min(MOST_TOKENS, engine.encode(question.wanted()).length + MORE_TOKENS);
        try {
            engine.submit(prompt, GenerationOptions.greedy(most), new GenerationListener() {
                @Override
                public void text(String piece, List<TokenScore> scores) {}

                @Override
                public void ended(Generation generation) {
                    boolean isCut = generation.finishReason() == Generation.FinishReason.LENGTH;
                    answer.complete(Optional.of(new Answer(generation.text(), isCut)));
                }

                @Override
                public void failed(RuntimeException cause) {
                    answer.completeExceptionally(cause);
                }
            });
        } catch (ModelException tooLong) {
            answer.complete(Optional.empty());
        }
        return answer;
    }

    /** Waits for an answer however long it takes. */
    static @Nullable Answer await(CompletableFuture<Optional<Answer>> answer, StopRequest stop) {
        return await(answer, Long.MAX_VALUE, stop);
    }

    private static @Nullable Answer await(CompletableFuture<Optional<Answer>> answer, long end, StopRequest stop) {
        while (true) {
            stop.check();
            try {
                return answer.get(100, TimeUnit.MILLISECONDS).orElse(null);
            } catch (TimeoutException e) {
                if (System.nanoTime() > end) {
                    return null;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            } catch (ExecutionException e) {
                throw new ModelException("An answer could not be generated: " + e.getCause(), e);
            }
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
