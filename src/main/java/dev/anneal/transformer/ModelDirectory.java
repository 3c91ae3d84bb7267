package dev.anneal.transformer;

import dev.anneal.files.DurableFiles;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.tokenizer.ChatTemplate;
import dev.anneal.transformer.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Writes Hugging Face model directories and reads the length limit of one. */
public final class ModelDirectory {
    /** The directory with the adapters of a model that was trained with LoRA. */
    static final String ADAPTER = "adapter";

    private static final List<String> FILES_OF_BASE = List.of(
            HuggingFaceFiles.TOKENIZER,
            HuggingFaceFiles.TOKENIZER_CONFIG,
            HuggingFaceFiles.SPECIAL_TOKENS,
            HuggingFaceFiles.WORD_PIECE_VOCABULARY,
            HuggingFaceFiles.BPE_VOCABULARY,
            HuggingFaceFiles.BPE_MERGES,
            HuggingFaceFiles.CHAT_TEMPLATE,
            HuggingFaceFiles.GENERATION_CONFIG,
            HuggingFaceFiles.LICENSE);

    private ModelDirectory() {}

    /** Returns the length limit in tokens: {@code model_max_length}, or the number of positions if that is smaller. */
    public static int maxLength(Path directory, ModelConfig config) {
        // transformers writes 1e30 for no limit.
        double limit = HuggingFaceFiles.tokenizerConfig(directory)
                .path("model_max_length")
                .asDouble(1e30);
        return (int) Math.max(1, Math.min(limit, Architecture.of(config).maxLength(config)));
    }

    /**
     * Writes a fine-tuned model with the tokenizer, the model card and the licence of its base, as transformers loads it. An existing directory is
     * replaced. The new one is written under another name and renamed, so it is complete or absent; it is not forced to disk.
     */
    public static void save(Path target, Model model, Path base, int maxLength) throws IOException {
        save(target, model, base, maxLength, directory -> {});
    }

    /** Writes files into a model directory. */
    public interface FilesWriter {
        void write(Path directory) throws IOException;
    }

    /** Does the same with files that the task adds. */
    public static void save(Path target, Model model, Path base, int maxLength, FilesWriter more) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        DurableFiles.delete(part);
        Files.createDirectories(part);
        model.config().write(part);
        Safetensors.write(part.resolve(HuggingFaceFiles.WEIGHTS), model.stored(), false);
        model.writeAdapter(part.resolve(ADAPTER), base.getFileName().toString());
        for (String file : FILES_OF_BASE) {
            if (Files.exists(base.resolve(file))) {
                Files.copy(base.resolve(file), part.resolve(file));
            }
        }
        if (Files.exists(base.resolve(HuggingFaceFiles.CARD))) {
            Files.copy(base.resolve(HuggingFaceFiles.CARD), part.resolve(HuggingFaceFiles.BASE_CARD));
        }
        HuggingFaceFiles.writeTokenizerConfig(
                part, HuggingFaceFiles.tokenizerConfig(base).put("model_max_length", maxLength));
        if (model.head().task() == Task.CAUSAL_LM) {
            ChatTemplate.of(base).write(part);
        }
        more.write(part);
        DurableFiles.delete(target);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }
}
