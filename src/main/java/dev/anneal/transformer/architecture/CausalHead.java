package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.format.ModelException;
import java.util.Map;

/** The head of a decoder: a separate matrix, or the token embeddings. */
final class CausalHead {
    private static final String WEIGHT = "lm_head.weight";

    private CausalHead() {}

    /**
     * Returns the head of a decoder, which supports one task only.
     *
     * @param tied whether the embeddings are the head if the configuration does not say
     */
    static Head of(Task task, ModelConfig config, String transformersClass, boolean tied) {
        if (task != Task.CAUSAL_LM) {
            throw new ModelException(
                    "Models of type '" + config.modelType() + "' do not support the task " + task.text());
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
