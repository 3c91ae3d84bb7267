package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Gives texts labels or numbers, and words labels, in fp32; inference and the trainer's evaluation share it. One thread at a time
 * may call an instance; several instances may live in one process.
 */
public final class Predictor implements AutoCloseable {
    private final Model model;
    private final Tokenizer tokenizer;
    private final int maxLength;
    private final int threads;

    /** A classifier around a model and a tokenizer that belong to the caller until it closes the classifier. */
    public Predictor(Model model, Tokenizer tokenizer, int maxLength, int threads) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.threads = threads;
    }

    /** Loads a fine-tuned model onto a device ({@code cpu}, {@code cuda:0}), to compute with one thread. */
    public static Predictor load(Path modelDirectory, String device) {
        return load(modelDirectory, device, 1);
    }

    /** The same with a number of threads for each call: one is the fastest for short requests. */
    public static Predictor load(Path modelDirectory, String device, int threads) {
        Task task = ModelConfig.read(modelDirectory).task();
        if (task == null || task.isLanguageModel()) {
            throw new ModelException("the model predicts nothing about texts: config.json names no such head");
        }
        return loadAny(modelDirectory, device, threads);
    }

    /** The same for a model of any task, of which only {@link #model} can be used where it is a language model. */
    public static Predictor loadAny(Path modelDirectory, String device, int threads) {
        ModelConfig config = ModelConfig.read(modelDirectory);
        Head head = Architecture.of(config)
                .head(config.task(), config, config.labels().size());
        int maxLength = ModelDirectory.maxLength(modelDirectory, config);
        Tokenizer tokenizer = Tokenizer.load(modelDirectory, maxLength);
        try {
            Model model = Model.load(modelDirectory, config, head, device);
            return new Predictor(model, tokenizer, maxLength, threads);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    public Model model() {
        return model;
    }

    /** The labels in the order of the scores. */
    public List<String> labels() {
        return model.config().labels();
    }

    /** Longest text in tokens; longer ones are cut. */
    public int maxLength() {
        return maxLength;
    }

    /** The tokens of a text or, where {@code textPair} is not null, of a pair; safe to call from any thread. */
    public Encoded encode(String text, String textPair) {
        return tokenizer.encode(text, textPair);
    }

    /** The tokens of a sentence whose words are given; safe to call from any thread. */
    public Words encodeWords(List<String> words) {
        return tokenizer.encodeWords(words);
    }

    public Task task() {
        return model.head().task();
    }

    /**
     * For each text the probability of each label, or its number; for token classification the probabilities of the labels
     * at each token, one token after the other. All texts make one padded batch.
     */
    public List<float[]> scores(List<Encoded> texts) {
        return scores(texts, Map.of());
    }

    /** The same with more arrays in the batch: what frozen layers computed before. */
    public List<float[]> scores(List<Encoded> texts, Map<String, NDArray> more) {
        Torch.useThreads(threads);
        try (NDManager arrays = model.newManager()) {
            Map<String, NDArray> batch = Batch.of(texts, arrays);
            batch.putAll(more);
            float[] flat = model.infer(arrays, "predict", batch).toFloatArray();
            boolean perToken = task() == Task.TOKEN_CLASSIFICATION;
            int row = flat.length / texts.size();
            int length = texts.stream().mapToInt(Encoded::length).max().orElseThrow();
            List<float[]> rows = new ArrayList<>(texts.size());
            for (int i = 0; i < texts.size(); i++) {
                int real = perToken ? row / length * texts.get(i).length() : row;
                rows.add(Arrays.copyOfRange(flat, i * row, i * row + real));
            }
            return rows;
        }
    }

    @Override
    public void close() {
        model.close();
        tokenizer.close();
    }
}
