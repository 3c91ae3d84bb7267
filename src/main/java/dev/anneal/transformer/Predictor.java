package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Bf16;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.TextWords;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.WordSplit;
import dev.anneal.transformer.tokenizer.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Predicts labels or numbers for texts and labels for words, for inference and, in fp32, for the trainer's evaluation. Safe
 * for use by several threads.
 */
public final class Predictor implements AutoCloseable {
    public static final String AUTO = "auto";
    public static final String FP32 = "fp32";
    public static final String BF16 = "bf16";

    /**
     * The largest difference with which bf16 is chosen automatically: of a probability, or of a number in relation to the
     * range of the numbers of the check.
     */
    public static final double BOUND = 0.02;

    /** The texts of the check, of one token up to a full length. */
    private static final List<String> CHECKED = List.of(
            "",
            "Good",
            "Where is my order?",
            "The plot is thin, the jokes are old, and yet I laughed until the end.",
            "Ada Lovelace met Charles Babbage in London on 5 June 1833.",
            "Das Gerät kam am Montag an; der Akku hält kaum zwei Stunden. 返品したい。 https://example.org/a?b=1",
            "if (n < 2) { return n; } // 0x1F \t 3.14159e-10",
            "It works as described and I would buy it again. ".repeat(60));

    private final Model model;
    private final Tokenizer tokenizer;
    private final WordSplit wordSplit;
    private final int maxLength;
    private final int threads;
    private String precision = FP32;
    private double difference;

    /** Makes a predictor that owns the model and the tokenizer: closing it closes them. */
    public Predictor(Model model, Tokenizer tokenizer, int maxLength, int threads) {
        this(model, tokenizer, WordSplit.DEFAULT, maxLength, threads);
    }

    private Predictor(Model model, Tokenizer tokenizer, WordSplit wordSplit, int maxLength, int threads) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.wordSplit = wordSplit;
        this.maxLength = maxLength;
        this.threads = threads;
    }

    /** Loads the native libraries, which each model needs. Takes no memory of a GPU. */
    public static void loadLibraries() {
        Torch.manager("cpu").close();
        Tokenizer.loadLibrary();
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

    /**
     * Loads a fine-tuned model to serve it.
     *
     * @param precision {@link #FP32}, {@link #BF16}, or {@link #AUTO}: bf16 if the device computes it faster and a check
     *     with fixed texts finds no difference above {@link #BOUND}
     * @param known the difference that this check found earlier on this model; null checks it now
     */
    public static Predictor load(
            Path modelDirectory, String device, int threads, String precision, @Nullable Double known) {
        if (precision.equals(BF16)) {
            return rounded(modelDirectory, device, threads, Double.POSITIVE_INFINITY, known);
        }
        return precision.equals(AUTO) && Bf16.isFastOn(device)
                ? rounded(modelDirectory, device, threads, BOUND, known)
                : load(modelDirectory, device, threads);
    }

    /** Returns a predictor that computes in bf16, or in fp32 if the check finds, or found, a larger difference than the bound. */
    static Predictor rounded(Path modelDirectory, String device, int threads, double bound, @Nullable Double known) {
        Predictor predictor = load(modelDirectory, device, threads);
        if (known != null && !(known <= bound)) {
            predictor.difference = known;
            return predictor;
        }
        try {
            predictor.round(known);
        } catch (RuntimeException e) {
            predictor.close();
            throw e;
        }
        if (predictor.difference <= bound) {
            return predictor;
        }
        predictor.close();
        Predictor exact = load(modelDirectory, device, threads);
        exact.difference = predictor.difference;
        return exact;
    }

    /** Computes in bf16 from now on, and measures the difference if it is not known. */
    private void round(@Nullable Double known) {
        if (known != null) {
            Torch.useThreads(threads); // the weights are packed for so many
            roundWeights();
            difference = known;
            return;
        }
        List<Encoded> texts = CHECKED.stream()
                .map(text -> encode(text, null))
                .filter(text -> text.length() > 0)
                .toList();
        List<float[]> exact =
                texts.stream().map(text -> scores(List.of(text)).get(0)).toList();
        roundWeights();
        double scale = 1;
        if (task() == Task.TEXT_REGRESSION) {
            var numbers = exact.stream().mapToDouble(scores -> scores[0]).summaryStatistics();
            scale = Math.max(Double.MIN_NORMAL, numbers.getMax() - numbers.getMin());
        }
        for (int i = 0; i < exact.size(); i++) {
            float[] rounded = scores(List.of(texts.get(i))).get(0);
            for (int j = 0; j < rounded.length; j++) {
                // Math.max returns NaN if one of its arguments is NaN
                difference = Math.max(difference, Math.abs(rounded[j] - exact.get(i)[j]) / scale);
            }
        }
    }

    private void roundWeights() {
        model.round();
        precision = BF16;
    }

    /** Returns {@link #FP32} or {@link #BF16}. */
    public String precision() {
        return precision;
    }

    /** Returns the largest difference between bf16 and fp32 that the check found; 0 without a check. */
    public double difference() {
        return difference;
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
        WordSplit wordSplit = task == Task.TOKEN_CLASSIFICATION ? WordSplit.read(modelDirectory) : WordSplit.DEFAULT;
        Tokenizer tokenizer = Tokenizer.load(modelDirectory, maxLength);
        try {
            Model model = Model.load(modelDirectory, config, head, device);
            return new Predictor(model, tokenizer, wordSplit, maxLength, threads);
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

    /** The length limit in tokens; longer texts are truncated or go through the model in windows. */
    public int maxLength() {
        return maxLength;
    }

    /** Returns the tokens of a text, or of a pair if {@code textPair} is not null; safe to call from any thread. */
    public Encoded encode(String text, @Nullable String textPair) {
        return tokenizer.encode(text, textPair);
    }

    /** Returns the words of a text, split as those were on which the model was trained; safe to call from any thread. */
    public TextWords words(String text) {
        return wordSplit.split(text);
    }

    /** Returns the number of tokens that {@link #encode} left out; safe to call from any thread. */
    public int leftOut(Encoded encoded, String text, @Nullable String textPair) {
        return tokenizer.leftOut(encoded, text, textPair);
    }

    /** Returns the overlapping windows of a text, one if it is short enough; safe to call from any thread. */
    public List<Encoded> encodeWindows(String text) {
        return tokenizer.encodeWindows(text);
    }

    /** Returns the windows of a sentence given as words; safe to call from any thread. */
    public List<Words> encodeWords(List<String> words) {
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
        return scores(texts, more, threads);
    }

    /** Does the same with another number of threads. */
    public List<float[]> scores(List<Encoded> texts, int threads) {
        return scores(texts, Map.of(), threads);
    }

    private List<float[]> scores(List<Encoded> texts, Map<String, NDArray> more, int threads) {
        Torch.useThreads(threads);
        try (NDManager arrays = model.newBatchManager()) {
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
