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
import org.jspecify.annotations.Nullable;

/**
 * Predicts labels or numbers for texts and labels for words, in fp32, for inference and for the trainer's evaluation. Not
 * safe for use by several threads; a process may have several instances.
 */
public final class Predictor implements AutoCloseable {
    private final Model model;
    private final Tokenizer tokenizer;
    private final int maxLength;
    private final int threads;

    /** Makes a predictor that owns the model and the tokenizer: closing it closes them. */
    public Predictor(Model model, Tokenizer tokenizer, int maxLength, int threads) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.threads = threads;
    }

    /** Loads a fine-tuned model onto a device ({@code cpu}, {@code cuda:0}) that computes with one thread. */
    public static Predictor load(Path modelDirectory, String device) {
        return load(modelDirectory, device, 1);
    }

    /** Does the same with a number of threads per call; one is fastest for short requests. */
    public static Predictor load(Path modelDirectory, String device, int threads) {
        Task task = ModelConfig.read(modelDirectory).task();
        if (task == null || task.isLanguageModel()) {
            throw new ModelException(
                    "The model has no head for predictions: config.json names no class with such a head");
        }
        return loadAny(modelDirectory, device, threads);
    }

    /** Does the same for a model of any task; of a language model, only {@link #model} can be used. */
    public static Predictor loadAny(Path modelDirectory, String device, int threads) {
        ModelConfig config = ModelConfig.read(modelDirectory);
        Task task = config.task();
        if (task == null) {
            throw new ModelException("The model has no head: config.json names no class with one");
        }
        Head head = Architecture.of(config).head(task, config, config.labels().size());
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

    /** The length limit in tokens; longer texts are truncated. */
    public int maxLength() {
        return maxLength;
    }

    /** Returns the tokens of a text, or of a pair if {@code textPair} is not null; safe to call from any thread. */
    public Encoded encode(String text, @Nullable String textPair) {
        return tokenizer.encode(text, textPair);
    }

    /** Returns the tokens of a sentence given as words; safe to call from any thread. */
    public Words encodeWords(List<String> words) {
        return tokenizer.encodeWords(words);
    }

    public Task task() {
        return model.head().task();
    }

    /**
     * Returns for each text the probability of each label, or its number; for token classification the probabilities of the
     * labels at each token, token by token. All texts form one padded batch.
     */
    public List<float[]> scores(List<Encoded> texts) {
        return scores(texts, Map.of());
    }

    /** Does the same with more arrays in the batch: the stored activations of frozen layers. */
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
