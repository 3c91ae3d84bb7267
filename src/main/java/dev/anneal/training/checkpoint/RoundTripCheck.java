package dev.anneal.training.checkpoint;

import ai.djl.ndarray.NDManager;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.task.Examples;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.List;

/** A few texts by which it is known whether a model that was written and read again is still the same. */
public final class RoundTripCheck {
    private static final int TEXTS = 4;
    /** What a language model says is large: a number for each word of the vocabulary at each token. */
    private static final int TOKENS = 16;

    private static final double TOLERANCE = 1e-4;

    private final List<Encoded> texts;
    private float[] answer;

    public RoundTripCheck(Examples examples) {
        texts = examples.all().stream()
                .limit(TEXTS)
                .map(example -> example.text().cut(TOKENS))
                .toList();
    }

    /** Remembers what the model says. */
    public void ask(Model model) {
        answer = answer(model);
    }

    /** Null before anything was asked. */
    float[] answer() {
        return answer;
    }

    /** Remembers what the model said to an earlier process. */
    void remember(float[] answer) {
        this.answer = answer;
    }

    /** Refuses a model that says something else: it is not the one that was trained. */
    public void check(Model model) {
        float[] other = answer(model);
        if (other.length != answer.length) {
            throw new TrainingException("the written model has another shape than the trained one");
        }
        double largest = 0;
        for (int i = 0; i < answer.length; i++) {
            largest = Math.max(largest, Math.abs(answer[i] - other[i]) / Math.max(1, Math.abs(answer[i])));
        }
        if (!(largest <= TOLERANCE)) {
            throw new TrainingException("the written model differs from the trained one by " + largest);
        }
    }

    private float[] answer(Model model) {
        try (NDManager arrays = model.newManager()) {
            return model.infer(arrays, "predict", Batch.of(texts, arrays)).toFloatArray();
        }
    }
}
