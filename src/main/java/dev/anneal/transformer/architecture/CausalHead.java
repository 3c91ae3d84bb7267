package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.format.ModelException;
import java.util.Map;

/** The head of a decoder: a matrix of its own, or the embeddings once more. */
final class CausalHead {
    private static final String WEIGHT = "lm_head.weight";

    private CausalHead() {}

    /**
     * The head of a decoder, which is made for one task only.
     *
     * @param tied whether the embeddings serve as the head where the configuration says nothing
     */
    static Head of(Task task, ModelConfig config, String transformersClass, boolean tied) {
        if (task != Task.CAUSAL_LM) {
            throw new ModelException(
                    "a model of type '" + config.modelType() + "' is not made for task '" + task.text() + "'");
        }
        boolean own = !config.flag("tie_word_embeddings", tied);
        Shape shape =
                new Shape(config.integer("vocab_size"), Architecture.of(config).hiddenSize(config));
        return new Head(
                task,
                null,
                own ? Map.of(WEIGHT, shape) : Map.of(),
                own ? Map.of(WEIGHT, WEIGHT) : Map.of(),
                transformersClass);
    }
}
