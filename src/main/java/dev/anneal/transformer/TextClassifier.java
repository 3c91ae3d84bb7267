package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Gives texts the probabilities of labels, in fp32; inference and the trainer's evaluation share it. One thread at a time
 * may call an instance; several instances may live in one process.
 */
public final class TextClassifier implements AutoCloseable {
    private final Model model;
    private final Tokenizer tokenizer;
    private final int maxLength;
    private final int threads;

    /** A classifier around a model and a tokenizer that belong to the caller until it closes the classifier. */
    public TextClassifier(Model model, Tokenizer tokenizer, int maxLength, int threads) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.threads = threads;
    }

    /** Loads a fine-tuned model onto a device ({@code cpu}, {@code cuda:0}), to compute with one thread. */
    public static TextClassifier load(Path modelDirectory, String device) {
        return load(modelDirectory, device, 1);
    }

    /** The same with a number of threads for each call: one is the fastest for short requests. */
    public static TextClassifier load(Path modelDirectory, String device, int threads) {
        ModelConfig config = ModelConfig.read(modelDirectory);
        List<String> labels = config.labels();
        if (labels.size() < 2) {
            throw new ModelException("the model is no classifier: config.json names no labels");
        }
        int maxLength = ModelDirectory.maxLength(modelDirectory, config);
        Tokenizer tokenizer = Tokenizer.load(modelDirectory, maxLength);
        try {
            Model model = Model.load(modelDirectory, config, Head.classification(config, labels.size()), device);
            return new TextClassifier(model, tokenizer, maxLength, threads);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
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

    /** The probability of each label for each text, [texts][labels]; all texts make one padded batch. */
    public float[][] scores(List<Encoded> texts) {
        Torch.useThreads(threads);
        try (PtNDManager arrays = model.newManager()) {
            NDArray scores = model.infer(arrays, "predict", Batch.of(texts, arrays));
            float[] flat = scores.toFloatArray();
            int labels = flat.length / texts.size();
            float[][] rows = new float[texts.size()][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(flat, i * labels, (i + 1) * labels);
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
