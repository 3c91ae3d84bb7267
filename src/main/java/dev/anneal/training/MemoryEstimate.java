package dev.anneal.training;

import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.training.optimizer.TrainedWeights;
import dev.anneal.transformer.Lora;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The memory that the tensors of a training need, with 4 bytes for each number:
 * {@code 4 (weights + 3 trained + 17 batch length hidden layers + scores)}. The trained weights have a
 * gradient and the two moments of AdamW each; 17 is the number of values of the hidden size that a layer keeps for the way
 * back (<a href="https://arxiv.org/abs/2205.05198">Korthikanti et al., 2022</a>, without attention's own matrices), of which
 * layers below all that is trained keep none. The scores of the vocabulary count for language models only: they are computed in
 * parts of at most 2^24, each in four arrays. The JVM, libtorch and the tokenized rows come on top.
 */
public record MemoryEstimate(long weights, long trained, long activations) {
    private static final int KEPT_PER_LAYER = 17;
    /** The scores, their logarithms, and the gradients of both. */
    private static final int ARRAYS_OF_SCORES = 4;

    /** The largest part of the scores in the program {@code vocabulary}. */
    private static final long MAX_SCORES = 1 << 24;

    public static MemoryEstimate of(ModelConfig config, Head head, Method method, Hyperparameters hyperparameters) {
        Architecture architecture = Architecture.of(config);
        Map<String, Shape> shapes = new LinkedHashMap<>(architecture.shapes(config));
        shapes.putAll(head.shapes());
        long weights = 0;
        long trained = 0;
        for (Map.Entry<String, Shape> weight : shapes.entrySet()) {
            long adapter = adapter(architecture, method, weight.getKey(), weight.getValue());
            weights += weight.getValue().size() + adapter;
            trained += adapter
                    + (TrainedWeights.isTrained(method, architecture, head, weight.getKey())
                            ? weight.getValue().size()
                            : 0);
        }
        int layers = architecture.layers(config);
        int below = switch (method.type()) {
            case "head" -> layers;
            case "frozen" -> method.freezesEmbeddings() ? method.frozenCount() : 0;
            default -> 0;
        };
        long tokens = (long) hyperparameters.batchSize() * hyperparameters.maxLength();
        long activations = tokens * KEPT_PER_LAYER * architecture.hiddenSize(config) * (layers - below);
        if (head.task().isLanguageModel()) {
            activations += ARRAYS_OF_SCORES * Math.min(MAX_SCORES, tokens * config.integer("vocab_size"));
        }
        return new MemoryEstimate(weights, trained, activations);
    }

    /** The numbers of the two narrow matrices beside a matrix, 0 where it has none. */
    private static long adapter(Architecture architecture, Method method, String name, Shape shape) {
        if (!method.type().equals("lora") || shape.dimension() != 2 || !name.endsWith(".weight")) {
            return 0;
        }
        Lora lora = TrainedWeights.lora(method);
        String layer = architecture.toFile(name).replaceFirst("\\.weight$", "");
        return lora.isTarget(layer) ? lora.r() * (shape.get(0) + shape.get(1)) : 0;
    }

    public long bytes() {
        return 4 * (weights + 3 * trained + activations);
    }
}
