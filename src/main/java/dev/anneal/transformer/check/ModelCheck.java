package dev.anneal.transformer.check;

import dev.anneal.text.Visible;
import dev.anneal.transformer.ModelDirectory;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.TokenizerFiles;
import dev.anneal.transformer.tokenizer.TokenizerJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Checks a model directory as it would be served: its numbers, its weights, its tokenizer on awkward texts, its chat template,
 * and a batch. Each step is announced before it begins, so that another process knows where this one ended.
 */
public final class ModelCheck {
    /** The names of steps that are not about one file. */
    static final String RUN = "run";

    static final String CHAT_TEMPLATE = "chat template";

    private static final int MAX_LABELS = 10_000;

    /** The same as for a label in a dataset. */
    private static final int MAX_LABEL = 200;

    private final Path directory;
    private final Consumer<String> steps;

    private ModelCheck(Path directory, Consumer<String> steps) {
        this.directory = directory;
        this.steps = steps;
    }

    /**
     * Returns the facts about a model that passes. Throws a {@link ModelException} that names the file and the field. Writes
     * the tokenizer.json of a model that has only a vocabulary.
     */
    public static ModelFiles check(Path directory, Consumer<String> steps) {
        return new ModelCheck(directory, steps).check();
    }

    /** Checks the tokenizer alone. */
    static void checkTokenizer(Path directory, Consumer<String> steps) {
        ModelCheck check = new ModelCheck(directory, steps);
        ModelConfig config = check.config();
        check.tokenizer(config, TokenizerJson.read(directory)).close();
    }

    private ModelFiles check() {
        steps.accept(HuggingFaceFiles.CONFIG);
        ModelConfig config = config();
        Architecture architecture = Architecture.of(config);
        steps.accept(HuggingFaceFiles.WEIGHTS);
        ModelFiles facts = ModelFiles.inspect(directory);
        WeightScan.requireFinite(directory, config, facts);
        steps.accept(HuggingFaceFiles.TOKENIZER);
        TokenizerFiles.complete(directory, architecture.vocabulary());
        if (!hasTokenizer(directory)) {
            throw new ModelException("The model has no " + HuggingFaceFiles.TOKENIZER
                    + ". Write it in Python: AutoTokenizer.from_pretrained(model).save_pretrained(folder)");
        }
        try (Tokenizer tokenizer = tokenizer(config, TokenizerJson.read(directory))) {
            if (architecture.generates()) {
                steps.accept(CHAT_TEMPLATE);
                TemplateCheck.check(directory);
                steps.accept(HuggingFaceFiles.GENERATION_CONFIG);
                TokenIds.checkFields(
                        HuggingFaceFiles.GENERATION_CONFIG,
                        HuggingFaceFiles.read(directory.resolve(HuggingFaceFiles.GENERATION_CONFIG)),
                        config.integer("vocab_size"));
            }
            steps.accept(RUN);
            BatchCheck.run(directory, config, facts, tokenizer);
        }
        return facts;
    }

    private ModelConfig config() {
        ModelFiles.requireFile(directory, HuggingFaceFiles.CONFIG);
        ModelConfig config = ModelConfig.read(directory);
        Architecture architecture = Architecture.of(config);
        architecture.settings(config);
        TokenIds.checkFields(HuggingFaceFiles.CONFIG, config.fields(), config.integer("vocab_size"));
        checkLabels(config.labels());
        return config;
    }

    /** Checks the labels, which each prediction and each list of models repeats. */
    private static void checkLabels(List<String> labels) {
        if (labels.size() > MAX_LABELS) {
            throw new ModelException(HuggingFaceFiles.CONFIG + ": 'id2label' has " + labels.size()
                    + " labels. The limit is " + MAX_LABELS);
        }
        Set<String> seen = new HashSet<>();
        for (String label : labels) {
            if (!seen.add(label)) {
                throw new ModelException(HuggingFaceFiles.CONFIG + ": two ids in 'id2label' have the label '"
                        + Visible.quote(label) + "'. Give one of them another label");
            }
            if (label.length() > MAX_LABEL) {
                throw new ModelException(HuggingFaceFiles.CONFIG + ": the label '" + Visible.quote(label)
                        + "' in 'id2label' has " + label.length() + " characters. The limit is " + MAX_LABEL);
            }
            if (label.codePoints().anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE)) {
                throw new ModelException(HuggingFaceFiles.CONFIG + ": the label '" + Visible.quote(label)
                        + "' in 'id2label' contains a null character or half a surrogate pair");
            }
        }
    }

    private Tokenizer tokenizer(ModelConfig config, TokenizerJson json) {
        TokenIds.check(json, config.integer("vocab_size"));
        int maxLength = ModelDirectory.maxLength(directory, config);
        Tokenizer tokenizer = Tokenizer.load(directory, maxLength);
        try {
            new TokenizerCheck(tokenizer, json, config.integer("vocab_size"), maxLength, steps).check();
            return tokenizer;
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** Returns whether a directory has a tokenizer.json, of which parts can be taken out. */
    static boolean hasTokenizer(Path directory) {
        return Files.isRegularFile(directory.resolve(HuggingFaceFiles.TOKENIZER));
    }
}
