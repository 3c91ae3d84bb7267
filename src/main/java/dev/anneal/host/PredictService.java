package dev.anneal.host;

import static java.util.Objects.requireNonNull;

import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.PredictMessage;
import dev.anneal.host.message.Prediction;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.TextWords;
import dev.anneal.transformer.tokenizer.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Answers calls for predictions: tokenizes the texts, has them computed in batches, and names labels and entities. */
final class PredictService {
    /** The most scores or entities in one answer, a few megabytes of JSON. */
    private static final int MAX_SCORES = 200_000;

    /** The most characters of labels in one answer. */
    private static final int MAX_CHARACTERS = 8 << 20;

    private static final String TOO_MANY_SCORES =
            "The answer would have more than %,d scores, or labels of more than %,d characters. Send fewer texts, or set 'top_k'."
                    .formatted(MAX_SCORES, MAX_CHARACTERS);

    private static final String TOO_MANY_ENTITIES =
            "The answer would have more than %,d entities, or labels of more than %,d characters. Send fewer texts."
                    .formatted(MAX_SCORES, MAX_CHARACTERS);

    /** Padded tokens of a batch. On a CPU, the states of so many tokens stay in the cache of a core. */
    private static final int CPU_TOKENS = 512;

    private static final int GPU_TOKENS = 16_384;

    /** The tokens of one call that are encoded before they are computed. */
    private static final int MAX_TOKENS = 200_000;

    private final Predictor predictor;
    private final Batcher batcher;
    private final Watchdog watchdog;
    private final CallThreads threads;

    private PredictService(Predictor predictor, Batcher batcher, Watchdog watchdog, CallThreads threads) {
        this.predictor = predictor;
        this.batcher = batcher;
        this.watchdog = watchdog;
        this.threads = threads;
    }

    static PredictService load(Path directory, HostOptions options, Watchdog watchdog, CallThreads threads) {
        Predictor predictor = Predictor.load(directory, options.device(), 1, options.precision(), options.difference());
        boolean cpu = options.device().equals("cpu");
        int budget = options.tokenBudget() > 0 ? options.tokenBudget() : cpu ? CPU_TOKENS : GPU_TOKENS;
        Batcher batcher = new Batcher(predictor::scores, watchdog, budget, cpu ? options.cores() : 1);
        return new PredictService(predictor, batcher, watchdog, threads);
    }

    /** Returns the precision in which the model is computed. */
    HostAnswer.Loaded loaded() {
        return new HostAnswer.Loaded(predictor.precision(), predictor.difference());
    }

    void answer(HostCall call, PredictMessage message) {
        if (predictor.task() != Task.TOKEN_CLASSIFICATION && isTooLarge(message)) {
            call.fail("too_many_scores", 422, TOO_MANY_SCORES);
            return;
        }
        new Answer(call, message).continueWith(0);
    }

    private boolean isTooLarge(PredictMessage message) {
        List<String> labels = predictor.labels();
        long asked = message.topK() == null ? labels.size() : Math.min(message.topK(), labels.size());
        long characters = labels.stream().mapToLong(String::length).sum();
        long most = labels.stream().mapToLong(String::length).max().orElse(0);
        long scores = asked * message.inputs().size();
        return scores > MAX_SCORES
                || Math.min(characters, most * asked) * message.inputs().size() > MAX_CHARACTERS;
    }

    private static boolean isFinite(float[] scores) {
        for (float score : scores) {
            if (!Float.isFinite(score)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The answer to one call. Its texts are encoded and computed part by part, because encoded texts take many times the memory of
     * the texts.
     */
    private final class Answer {
        private final HostCall call;
        private final PredictMessage message;
        private final @Nullable Prediction[] predictions;
        private final AtomicInteger entities = new AtomicInteger();
        /** The characters of the labels of all entities. */
        private final AtomicLong characters = new AtomicLong();

        Answer(HostCall call, PredictMessage message) {
            this.call = call;
            this.message = message;
            this.predictions = new Prediction[message.inputs().size()];
        }

        /** Answers the inputs from an index on. */
        void continueWith(int first) {
            threads.execute(call, () -> {
                List<EncodedInput> part = new ArrayList<>();
                int tokens = 0;
                for (int i = first; i < predictions.length && tokens < MAX_TOKENS; i++) {
                    call.stopIfCancelled();
                    PredictMessage.Input input = message.inputs().get(i);
                    EncodedInput encoded = watchdog.within(
                            "tokenize a text", call, () -> EncodedInput.of(input, message.longTexts(), predictor));
                    if (encoded.texts().stream().anyMatch(text -> text.length() == 0)) {
                        throw new ModelException(
                                "inputs[%d]: the tokenizer finds no tokens in this text. Leave it out".formatted(i));
                    }
                    part.add(encoded);
                    tokens += encoded.texts().stream().mapToInt(Encoded::length).sum();
                }
                submit(first, part);
            });
        }

        private void submit(int first, List<EncodedInput> inputs) {
            AtomicInteger missing = new AtomicInteger(inputs.size());
            List<Batcher.Waiting> texts = new ArrayList<>(inputs.size());
            for (int i = 0; i < inputs.size(); i++) {
                int index = first + i;
                EncodedInput input = inputs.get(i);
                float[][] scores = new float[input.texts().size()][];
                AtomicInteger windows = new AtomicInteger(scores.length);
                for (int k = 0; k < scores.length; k++) {
                    int window = k;
                    texts.add(new Batcher.Waiting(
                            call.id(), input.texts().get(k), call::isCancelled, (found, fault) -> {
                                if (fault != null) {
                                    call.fail(fault);
                                    call.cancel(); // its other texts need not be computed
                                    return;
                                }
                                scores[window] = requireNonNull(found);
                                if (windows.decrementAndGet() == 0
                                        && isDone(index, input, scores)
                                        && missing.decrementAndGet() == 0) {
                                    endPart(first + inputs.size());
                                }
                            }));
                }
            }
            batcher.submit(call.caller(), texts);
        }

        /** Keeps the prediction for an input. Returns false if the call has failed. */
        private boolean isDone(int index, EncodedInput input, float[][] scores) {
            try {
                if (!Arrays.stream(scores).allMatch(PredictService::isFinite)) {
                    throw new ModelException("inputs[%d]: the model computes a number that is infinite or not a number"
                            .formatted(index));
                }
                Prediction prediction = input.answer(predictor, Arrays.asList(scores), message.topK());
                List<Prediction.Entity> found = prediction.entities() == null ? List.of() : prediction.entities();
                long labels = found.stream()
                        .mapToLong(entity -> entity.label().length())
                        .sum();
                if (entities.addAndGet(found.size()) > MAX_SCORES || characters.addAndGet(labels) > MAX_CHARACTERS) {
                    call.fail("too_many_scores", 422, TOO_MANY_ENTITIES);
                    call.cancel(); // its other texts need not be computed
                    return false;
                }
                predictions[index] = prediction;
                return true;
            } catch (Throwable unexpected) {
                call.fail(unexpected);
                call.cancel();
                return false;
            }
        }

        /** Answers the next part, or ends the call. */
        private void endPart(int next) {
            try {
                if (next < predictions.length) {
                    continueWith(next);
                } else {
                    call.succeed(Arrays.asList(predictions));
                }
            } catch (Throwable unexpected) {
                call.fail(unexpected);
            }
        }
    }

    /**
     * An encoded input and what maps the answer back to its words, for token classification. It has several texts if it goes through
     * the model in windows.
     */
    private record EncodedInput(
            @Nullable String text, @Nullable TextWords words, List<Words> windows, List<Encoded> texts, int leftOut) {
        static EncodedInput of(PredictMessage.Input input, @Nullable LongTexts asked, Predictor predictor) {
            if (predictor.task() == Task.TOKEN_CLASSIFICATION) {
                TextWords words =
                        input.tokens() != null ? TextWords.given(input.tokens()) : predictor.words(input.text());
                String text = input.tokens() != null ? String.join(" ", input.tokens()) : input.text();
                List<Words> windows = predictor.encodeWords(words.words());
                return new EncodedInput(
                        text, words, windows, windows.stream().map(Words::text).toList(), 0);
            }
            LongTexts longTexts = asked == null ? predictor.model().config().longTexts() : asked;
            if (longTexts == LongTexts.WINDOWS && input.textPair() == null) {
                return new EncodedInput(null, null, List.of(), predictor.encodeWindows(input.text()), 0);
            }
            Encoded encoded = predictor.encode(input.text(), input.textPair());
            int leftOut = predictor.leftOut(encoded, input.text(), input.textPair());
            return new EncodedInput(null, null, List.of(), List.of(encoded), leftOut);
        }

        Prediction answer(Predictor predictor, List<float[]> scores, @Nullable Integer topK) {
            return switch (predictor.task()) {
                case TEXT_CLASSIFICATION ->
                    Predictions.label(predictor.labels(), Predictions.mean(scores), topK, leftOut);
                case MULTI_LABEL -> Predictions.labels(predictor.labels(), Predictions.mean(scores), topK, leftOut);
                case TEXT_REGRESSION -> Predictions.value(Predictions.mean(scores)[0], leftOut);
                default ->
                    Predictions.entities(
                            predictor.labels(), scores, requireNonNull(text), requireNonNull(words), windows);
            };
        }
    }
}
