package dev.anneal.host;

import static java.util.Objects.requireNonNull;

import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.PredictMessage;
import dev.anneal.host.message.Prediction;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.TextWords;
import dev.anneal.transformer.tokenizer.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Answers calls for predictions: tokenizes the texts, has them computed in batches, and names labels and entities. */
final class PredictService {
    /** The most scores in one answer, a few megabytes of JSON. */
    private static final int MAX_SCORES = 1_000_000;

    /** Padded tokens of a batch. On a CPU, the states of so many tokens stay in the cache of a core. */
    private static final int CPU_TOKENS = 512;

    private static final int GPU_TOKENS = 16_384;

    private final Predictor predictor;
    private final Batcher batcher;
    private final Watchdog watchdog;
    private final Executor work;

    private PredictService(Predictor predictor, Batcher batcher, Watchdog watchdog, Executor work) {
        this.predictor = predictor;
        this.batcher = batcher;
        this.watchdog = watchdog;
        this.work = work;
    }

    static PredictService load(Path directory, HostOptions options, Watchdog watchdog, Executor work) {
        Predictor predictor = Predictor.load(directory, options.device(), 1, options.precision());
        boolean cpu = options.device().equals("cpu");
        int budget = options.tokenBudget() > 0 ? options.tokenBudget() : cpu ? CPU_TOKENS : GPU_TOKENS;
        Batcher batcher = new Batcher(predictor::scores, watchdog, budget, cpu ? options.cores() : 1);
        return new PredictService(predictor, batcher, watchdog, work);
    }

    /** Returns the precision in which the model is computed. */
    HostAnswer.Loaded loaded() {
        return new HostAnswer.Loaded(predictor.precision(), predictor.difference());
    }

    void answer(HostCall call, PredictMessage message) {
        int labels = message.topK() == null ? predictor.labels().size() : message.topK();
        if (predictor.task() != Task.TOKEN_CLASSIFICATION
                && (long) Math.min(labels, predictor.labels().size())
                                * message.inputs().size()
                        > MAX_SCORES) {
            call.fail(
                    "too_many_scores",
                    422,
                    "The answer would have more than %,d scores. Send fewer texts, or set 'top_k'."
                            .formatted(MAX_SCORES));
            return;
        }
        work.execute(() -> {
            try {
                List<EncodedInput> inputs = new ArrayList<>();
                for (PredictMessage.Input input : message.inputs()) {
                    if (call.isCancelled()) {
                        throw new CancellationException();
                    }
                    inputs.add(watchdog.within(
                            "tokenize a text", call, () -> EncodedInput.of(input, message.longTexts(), predictor)));
                }
                new Answer(call, inputs, message.topK()).submit();
            } catch (Throwable fault) {
                call.fail(fault);
            }
        });
    }

    /** The answer to one call, complete when the last of its texts is. */
    private final class Answer {
        private final HostCall call;
        private final List<EncodedInput> inputs;
        private final @Nullable Integer topK;
        private final @Nullable Prediction[] predictions;
        private final AtomicInteger missing;

        Answer(HostCall call, List<EncodedInput> inputs, @Nullable Integer topK) {
            this.call = call;
            this.inputs = inputs;
            this.topK = topK;
            this.predictions = new Prediction[inputs.size()];
            this.missing = new AtomicInteger(inputs.size());
        }

        void submit() {
            List<Batcher.Waiting> texts = new ArrayList<>(inputs.size());
            for (int i = 0; i < inputs.size(); i++) {
                int index = i;
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
                                if (windows.decrementAndGet() == 0) {
                                    done(index, scores);
                                }
                            }));
                }
            }
            batcher.submit(call.caller(), texts);
        }

        private void done(int index, float[][] scores) {
            try {
                predictions[index] = inputs.get(index).answer(predictor, Arrays.asList(scores), topK);
                if (missing.decrementAndGet() == 0) {
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
