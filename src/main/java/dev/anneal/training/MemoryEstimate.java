package dev.anneal.training;

import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.training.optimizer.BaseWeights;
import dev.anneal.training.optimizer.TrainedWeights;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.Lora;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the tensors of a training need. A weight has 4 bytes and, if a linear layer computes with it in bf16, 2 more for
 * the copy. A trained weight has the two moments of AdamW and a gradient in the precision of the computation, a second
 * one if batches are computed in halves, as they are on a CPU, and one in fp32 to add up those of several batches. For
 * the backward pass, a layer keeps twice as many numbers for each token as its matrices return, and the scores of attention if they are
 * computed as a product; layers below all that is trained keep none. The backward pass of a layer takes as much again. With gradient
 * checkpointing, a layer keeps only its input; computing one again and its backward pass take three times what a layer keeps. The
 * scores of a vocabulary are computed in parts. If the weights stay near those of the base model, there is a copy of these, and the
 * main directions of their matrices. The JVM and libtorch come on top. Tokenized rows are in a mapped file.
 * docs/performance.md compares estimates with measurements.
 *
 * @param weights how many weights there are
 * @param trained how many of them are trained
 * @param state bytes that do not depend on the batch
 * @param activations bytes that a batch needs without gradient checkpointing
 * @param checkpointed bytes that a batch needs with it
 */
public record MemoryEstimate(long weights, long trained, long state, long activations, long checkpointed) {
    /** The scores in the precision of the computation, and their logarithms, which become their gradients. */
    private static final int ARRAYS_OF_SCORES = 2;

    /** The largest part of the scores in the program {@code vocabulary}, or that of two halves, but for a matrix that learns. */
    private static final long MAX_SCORES = 1 << 24;

    /** Bytes that the embeddings keep for each number of a state: their sums, norm and dropout, in fp32. */
    private static final int OF_EMBEDDINGS = 7 * 4;

    /** The copies of the largest matrix with which its main directions are found, or its change is compared with them. */
    private static final int COPIES = 5;

    /** The longest texts whose attention is a product of matrices; see {@code products} in the program {@code layers}. */
    private static final int MAX_PRODUCTS = 512;

    /** Estimates a job with texts of any length, given the configuration of its base model. */
    public static MemoryEstimate of(ModelConfig base, JobSpec spec) {
        NewModel model = NewModel.of(spec, base);
        return of(model.config(), model.head(), spec, spec.hyperparameters().precision());
    }

    /** Estimates a job with texts of any length for a precision; that of {@code auto} is enough for each of them. */
    public static MemoryEstimate of(ModelConfig config, Head head, JobSpec spec, String precision) {
        int length = spec.hyperparameters().maxLength();
        return precision.equals("auto")
                ? of(config, head, spec, "fp32", length).max(of(config, head, spec, "bf16", length))
                : of(config, head, spec, precision, length);
    }

    /** Estimates a job whose longest text has so many tokens. */
    static MemoryEstimate of(ModelConfig config, Head head, JobSpec spec, String precision, int length) {
        boolean bf16 = precision.equals("bf16");
        Architecture architecture = Architecture.of(config);
        Method method = spec.method();
        Map<String, Shape> shapes = new LinkedHashMap<>(architecture.shapes(config));
        shapes.putAll(head.shapes());
        int gradients = TrainingTask.hasHalves(head.task(), method)
                ? Math.min(2, spec.hyperparameters().batchSize())
                : 1;
        int sums = spec.hyperparameters().gradientAccumulationSteps() > 1 ? 4 : 0;
        long weights = 0;
        long trained = 0;
        long state = 0;
        long largest = 0; // bytes of a matrix that stays near the base model
        long returned = 0; // numbers for each token that the matrices of the first layer return
        for (Map.Entry<String, Shape> weight : shapes.entrySet()) {
            String name = weight.getKey();
            Shape shape = weight.getValue();
            boolean linear = bf16 && shape.dimension() == 2 && !architecture.isEmbedding(name);
            long adapter = adapter(architecture, method, name, shape);
            long own = TrainedWeights.isTrained(method, architecture, head, name) ? shape.size() : 0;
            weights += shape.size() + adapter;
            trained += own + adapter;
            state += 4 * (shape.size() + adapter) + 8 * (own + adapter); // weights and moments
            state += linear ? 2 * (shape.size() + adapter) : 0;
            state += (gradients * (linear ? 2 : 4) + sums) * (own + adapter);
            if (spec.hyperparameters().staysNearBase() && BaseWeights.isOfBase(head, name)) {
                state += BaseWeights.bytes(shape, spec.hyperparameters().unfreezeRankRatio());
                largest = Math.max(largest, 4 * shape.size());
            }
            if (architecture.layer(name) == 0 && shape.dimension() == 2) {
                returned += shape.get(architecture.isTransposed(name) ? 1 : 0);
            }
        }
        Hyperparameters hyperparameters = spec.hyperparameters();
        if (hyperparameters.unfreezeRankRatio() < 1) {
            state += COPIES * largest;
        }
        int layers = architecture.layers(config) - frozen(architecture.layers(config), method);
        long tokens = (long) hyperparameters.batchSize() * (method.learnsPairs() ? 2 : 1) * length;
        long perNumber = bf16 ? 2 : 4;
        boolean dropped = hyperparameters.dropout() > 0 && architecture.attentionDropout(config) > 0;
        boolean products = dropped || bf16 && length <= MAX_PRODUCTS;
        long scores = products ? tokens * length * architecture.heads(config) * perNumber : 0;
        long layer =
                tokens * 2 * returned * perNumber + (dropped ? 3 : 1) * scores; // also the mask, and what it leaves
        // Decoders keep the sum that runs through all layers in fp32.
        long input = tokens * architecture.hiddenSize(config) * (head.task().isLanguageModel() ? 4 : perNumber);
        long shared = scores
                + vocabulary(config, architecture, head, method, tokens, perNumber, gradients); // scores: the mask
        if (layers == architecture.layers(config)) {
            shared += tokens * architecture.hiddenSize(config) * OF_EMBEDDINGS;
        }
        return new MemoryEstimate(
                weights,
                trained,
                state,
                shared + (layers == 0 ? 0 : layers + 1) * layer,
                shared + layers * input + (layers == 0 ? 0 : 3) * layer);
    }

    private static int frozen(int layers, Method method) {
        return switch (method.type()) {
            case "head" -> layers;
            case "frozen" -> method.freezesEmbeddings() ? Math.min(layers, method.frozenCount()) : 0;
            default -> 0;
        };
    }

    /**
     * Bytes for the scores of the vocabulary, for the gradient of their matrix, which the sum of its parts has in fp32, too, and in
     * bf16 for a copy of the matrix in each part of a batch: one that is also the embeddings has no copy that stays.
     */
    private static long vocabulary(
            ModelConfig config,
            Architecture architecture,
            Head head,
            Method method,
            long tokens,
            long perNumber,
            int parts) {
        if (!head.task().isLanguageModel()) {
            return 0;
        }
        long size = config.integer("vocab_size");
        long matrix = size * architecture.hiddenSize(config);
        boolean learns = !method.type().equals("lora");
        long part = Math.min(tokens * size, learns ? Math.max(MAX_SCORES, matrix) : MAX_SCORES);
        boolean copied = perNumber == 2 && head.shapes().values().stream().noneMatch(shape -> shape.size() == matrix);
        return part * (perNumber + 4) * ARRAYS_OF_SCORES / 2
                + (learns ? 8 * matrix : 0)
                + (copied ? 2 * matrix * parts : 0);
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

    private MemoryEstimate max(MemoryEstimate other) {
        return new MemoryEstimate(
                weights,
                trained,
                Math.max(state, other.state),
                Math.max(activations, other.activations),
                Math.max(checkpointed, other.checkpointed));
    }

    /** Returns the bytes with or without gradient checkpointing. */
    public long bytes(boolean checkpointing) {
        return state + (checkpointing ? checkpointed : activations);
    }

    /** Returns the bytes that a slot must have if a job asks for gradient checkpointing, for none, or for what fits. */
    public long least(@Nullable Boolean checkpointing) {
        return checkpointing == null ? Math.min(bytes(true), bytes(false)) : bytes(checkpointing);
    }
}
