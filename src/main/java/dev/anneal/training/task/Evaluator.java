package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.TokenFigures;
import dev.anneal.evaluation.Tuning;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.Predictor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a model on all examples of a file, in batches of about the same length. {@code frozen} holds what the frozen layers
 * compute, if they did so once; {@code predictions} takes the prediction for each row, if a whole report is wanted, and
 * {@code tuning} what was found on the validation rows for it. A request to stop ends it.
 */
public record Evaluator(
        Model model,
        Predictor predictor,
        @Nullable FrozenActivations frozen,
        @Nullable PredictionSink predictions,
        @Nullable Tuning tuning,
        StopRequest stop,
        Listener listener,
        Saved saved) {
    private static final int MAX_TEXTS = 64;
    private static final int MAX_TOKENS = 4096;

    /** The examples that are computed before their predictions are written, if all of them would be too many to keep. */
    private static final int PART = 20_000;

    /** The scores of a part, 40 MB. */
    private static final int PART_SCORES = 10_000_000;

    /** Receives how many examples with how many tokens were just computed, or were before and are saved. */
    public interface Listener {
        Listener NONE = (examples, tokens, isSaved) -> {};

        void computed(int examples, long tokens, boolean isSaved);
    }

    /** The scores of batches that were computed before, which are asked for in the order of the batches. */
    public interface Saved {
        Saved NONE = new Saved() {
            @Override
            public @Nullable List<float[]> next(int[] batch) {
                return null;
            }

            @Override
            public void add(int[] batch, List<float[]> scores) {}
        };

        /** Returns the scores of the next batch, null if it must be computed, and all batches after it. */
        @Nullable
        List<float[]> next(int[] batch);

        /** Takes the scores of a batch that was computed. */
        void add(int[] batch, List<float[]> scores);
    }

    /** Makes an evaluator without tuning. */
    public Evaluator(
            Model model,
            Predictor predictor,
            @Nullable FrozenActivations frozen,
            @Nullable PredictionSink predictions,
            StopRequest stop) {
        this(model, predictor, frozen, predictions, null, stop);
    }

    /** Makes an evaluator that tells nobody how far it is. */
    public Evaluator(
            Model model,
            Predictor predictor,
            @Nullable FrozenActivations frozen,
            @Nullable PredictionSink predictions,
            @Nullable Tuning tuning,
            StopRequest stop) {
        this(model, predictor, frozen, predictions, tuning, stop, Listener.NONE, Saved.NONE);
    }

    /** Returns whether a whole report is wanted, and not only the metrics by which epochs are compared. */
    boolean isForReport() {
        return predictions != null;
    }

    /** Receives the scores of an example, counted from 0. */
    interface Scores {
        void accept(int example, float[] scores);
    }

    /** The mean loss over {@code count} tokens; not a number if there are none. */
    record MeanLoss(double mean, long count) {}

    void predict(Examples examples, Scores scores) {
        for (int[] batch : batches(examples)) {
            stop.check();
            List<float[]> known = saved.next(batch);
            List<float[]> rows = known;
            if (rows == null) {
                rows = compute(examples, batch);
                saved.add(batch, rows);
            }
            for (int i = 0; i < batch.length; i++) {
                requireFinite(rows.get(i), examples, batch[i]);
                scores.accept(batch[i], rows.get(i));
            }
            tell(examples, batch, known != null);
        }
    }

    /** Thrown in a report for an example whose scores are not finite. During training, a loss that is not finite ends the job. */
    private static final class NotFinite extends TrainingException {
        private final int example;

        NotFinite(Examples examples, int example) {
            super(
                    "The model computes a number that is infinite or not a number for row %,d of the rows that are evaluated. Leave out this row. The model of a job is in its checkpoints."
                            .formatted(examples.rows()[example] + 1));
            this.example = example;
        }
    }

    /** Thrown in a report for a batch of a language model whose loss is not finite. */
    public static final class LossNotFinite extends TrainingException {
        LossNotFinite() {
            super("The loss of one of the rows that are evaluated is infinite or not a number. Use another model.");
        }
    }

    private void requireFinite(float[] numbers, Examples examples, int example) {
        if (isForReport()) {
            for (float number : numbers) {
                if (!Float.isFinite(number)) {
                    throw new NotFinite(examples, example);
                }
            }
        }
    }

    private List<float[]> compute(Examples examples, int[] batch) {
        try (NDManager arrays = model.newBatchManager()) {
            return predictor.scores(
                    examples.get(batch).stream().map(Example::text).toList(),
                    frozen == null ? Map.of() : frozen.of(examples, batch, arrays));
        }
    }

    private void tell(Examples examples, int[] batch, boolean isSaved) {
        listener.computed(
                batch.length,
                Arrays.stream(batch).mapToLong(i -> examples.lengths()[i]).sum(),
                isSaved);
    }

    /** Returns how many examples are computed at a time if so many scores of each are kept. */
    static int partSize(int scores) {
        return Math.max(1, Math.min(PART, PART_SCORES / scores));
    }

    /**
     * Computes some thousands of examples at a time, and has their predictions written, in the order of the rows.
     *
     * @param scores how many scores of each example the part keeps
     */
    void inParts(Examples examples, int scores, Part part) throws IOException {
        int size = partSize(scores);
        for (int from = 0; from < examples.size(); ) {
            int to = Math.min(examples.size(), from + size);
            while (to < examples.size() && !examples.isFirstOfRow(to)) {
                to++; // the windows of a row belong together
            }
            try {
                part.compute(examples.part(from, to));
            } catch (NotFinite e) { // it counts from the start of the part
                throw new NotFinite(examples, from + e.example);
            }
            from = to;
        }
    }

    /** Computes some of the examples. */
    interface Part {
        void compute(Examples examples) throws IOException;
    }

    /** Returns the loss of a language model; {@code random} chooses the tokens to mask, if the task masks any. */
    MeanLoss loss(Examples examples, TrainingTask task, SplittableRandom random) {
        double sum = 0;
        long count = 0;
        for (int[] batch : batches(examples)) {
            stop.check();
            try (NDManager arrays = model.newBatchManager()) {
                List<Example> texts = examples.get(batch);
                Map<String, NDArray> arguments = task.batch(texts, arrays, random);
                long counted = task.counted(texts, arguments);
                if (counted > 0) {
                    float loss = model.infer(arrays, "loss", arguments, 0.0).getFloat();
                    if (isForReport() && !Float.isFinite(loss)) {
                        throw new LossNotFinite();
                    }
                    sum += counted * (double) loss;
                    count += counted;
                }
            }
            tell(examples, batch, false);
        }
        return new MeanLoss(sum / count, count);
    }

    /** Returns the figures of the tokens of a causal language model, row by row. */
    TokenFigures tokens(Examples examples, TrainingTask task) {
        int[] rows = examples.rows();
        TokenFigures figures = new TokenFigures(rows.length == 0 ? 0 : rows[rows.length - 1] + 1);
        for (int[] batch : batches(examples)) {
            stop.check();
            try (NDManager arrays = model.newBatchManager()) {
                Map<String, NDArray> arguments = task.batch(examples.get(batch), arrays, new SplittableRandom(0));
                float[] found = model.infer(arrays, "figures", arguments).toFloatArray();
                int tokens = found.length / 3;
                int length = tokens / batch.length;
                for (int i = 0; i < tokens; i++) {
                    if (found[tokens + i] >= 0) { // else it predicts no token
                        requireFinite(new float[] {found[i]}, examples, batch[i / length]);
                        figures.add(rows[batch[i / length]], found[i], found[tokens + i] > 0);
                    }
                }
            }
            tell(examples, batch, false);
        }
        return figures;
    }

    /** Returns the numbers of the examples of each batch, which have about the same length. */
    public static List<int[]> batches(Examples examples) {
        int[] lengths = examples.lengths();
        int textsEach = examples.textsEach();
        int[] order =
                LengthBuckets.sortedByLength(IntStream.range(0, lengths.length).toArray(), lengths);
        List<int[]> batches = new java.util.ArrayList<>();
        for (int from = 0; from < order.length; ) {
            int to = from + 1;
            while (to < order.length
                    && (to - from + 1) * textsEach <= MAX_TEXTS
                    && (to - from + 1) * textsEach * lengths[order[to]] <= MAX_TOKENS) {
                to++;
            }
            batches.add(Arrays.copyOfRange(order, from, to));
            from = to;
        }
        return batches;
    }

    /** Writes the prediction for each of the next rows, if that is wanted. */
    void write(IntFunction<Map<String, Object>> prediction, int rows) throws IOException {
        if (predictions != null) {
            predictions.write(prediction, rows);
        }
    }
}
