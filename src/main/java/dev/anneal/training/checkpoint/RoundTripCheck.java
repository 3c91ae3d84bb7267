package dev.anneal.training.checkpoint;

import ai.djl.ndarray.NDManager;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.task.Examples;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a model read back from its files computes what the trained model computed, on a few texts and within rounding.
 */
public final class RoundTripCheck {
    private static final int TEXTS = 4;
    /** The output of a language model is large: a number for each word of the vocabulary at each token. */
    private static final int TOKENS = 16;

    private static final double TOLERANCE = 1e-4;

    private final List<Encoded> texts;
    private float @Nullable [] expected;

    public RoundTripCheck(Examples examples) {
        texts = Examples.texts(examples.stream().limit(TEXTS).toList()).stream()
                .map(text -> text.cut(TOKENS))
                .toList();
    }

    /** Records the output of the trained model. */
    public void record(Model model) {
        expected = output(model);
    }

    /** Returns the recorded output, if there is one. */
    float @Nullable [] expected() {
        return expected;
    }

    /** Continues with the output that an earlier process recorded. */
    void restore(float[] output) {
        expected = output;
    }

    /** Throws an exception if the model computes something else than the trained one. */
    public void check(Model model) {
        float[] wanted = Objects.requireNonNull(expected, "an output was recorded or restored");
        float[] found = output(model);
        if (found.length != wanted.length) {
            throw new TrainingException("The written model has another shape than the trained one.");
        }
        double largest = 0;
        // A number is the sum of the bias, which may be larger, and the rest.
        double bias = model.head().task() == Task.TEXT_REGRESSION
                ? Math.abs(model.weight("classifier.bias").getFloat())
                : 0;
        for (int i = 0; i < wanted.length; i++) {
            largest = Math.max(
                    largest, Math.abs(wanted[i] - found[i]) / Math.max(Math.max(1, bias), Math.abs(wanted[i])));
        }
        if (!(largest <= TOLERANCE)) {
            throw new TrainingException(
                    "The outputs of the written model differ from those of the trained one by up to " + largest + ".");
        }
    }

    private float[] output(Model model) {
        try (NDManager arrays = model.newBatchManager()) {
            return model.infer(arrays, "predict", Batch.of(texts, arrays)).toFloatArray();
        }
    }
}
