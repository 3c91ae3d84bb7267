package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.evaluation.TokenFigures;
import dev.anneal.evaluation.Tuning;
import dev.anneal.json.Json;
import dev.anneal.training.process.StopRequest;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.Predictor;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a model on all examples of a file, in batches of about the same length. {@code frozen} holds what the frozen layers
 * compute, if they did so once; {@code predictions} is the file for a line per example, if a whole report is wanted, and
 * {@code tuning} what was found on the validation rows for it. A request to stop ends it.
 */
public record Evaluator(
        Model model,
        Predictor predictor,
        @Nullable FrozenActivations frozen,
        @Nullable Path predictions,
        @Nullable Tuning tuning,
        StopRequest stop) {
    /** Makes an evaluator without tuning. */
    public Evaluator(
            Model model,
            Predictor predictor,
            @Nullable FrozenActivations frozen,
            @Nullable Path predictions,
            StopRequest stop) {
        this(model, predictor, frozen, predictions, null, stop);
    }

    private static final int MAX_TEXTS = 64;
    private static final int MAX_TOKENS = 4096;

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
            try (NDManager arrays = model.newBatchManager()) {
                List<float[]> rows = predictor.scores(
                        examples.get(batch).stream().map(Example::text).toList(),
                        frozen == null ? Map.of() : frozen.of(examples, batch, arrays));
                for (int i = 0; i < batch.length; i++) {
                    scores.accept(batch[i], rows.get(i));
                }
            }
        }
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
                    sum += counted
                            * (double)
                                    model.infer(arrays, "loss", arguments, 0.0).getFloat();
                    count += counted;
                }
            }
        }
        return new MeanLoss(sum / count, count);
    }

    /** Returns the figures of the tokens of a causal language model, text by text. */
    TokenFigures tokens(Examples examples, TrainingTask task) {
        TokenFigures figures = new TokenFigures(examples.size());
        for (int[] batch : batches(examples)) {
            stop.check();
            try (NDManager arrays = model.newBatchManager()) {
                Map<String, NDArray> arguments = task.batch(examples.get(batch), arrays, new SplittableRandom(0));
                float[] found = model.infer(arrays, "figures", arguments).toFloatArray();
                int tokens = found.length / 2;
                int length = tokens / batch.length;
                for (int i = 0; i < tokens; i++) {
                    if (found[tokens + i] >= 0) { // else it predicts no token
                        figures.add(batch[i / length], found[i], found[tokens + i] > 0);
                    }
                }
            }
        }
        return figures;
    }

    static List<int[]> batches(Examples examples) {
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

    /** Writes the prediction for each example, if there is a file for them. */
    void write(IntFunction<Map<String, Object>> line, int examples) throws IOException {
        if (predictions == null) {
            return;
        }
        try (BufferedWriter out = Files.newBufferedWriter(predictions)) {
            for (int i = 0; i < examples; i++) {
                out.write(Json.write(line.apply(i)));
                out.newLine();
            }
        }
    }
}
