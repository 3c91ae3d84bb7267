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

/** A Hugging Face model directory on disk: writing one, and what its tokenizer settings say. */
public final class ModelDirectory {
    /** What peft loads, where the model was trained by low-rank corrections. */
    static final String ADAPTER = "adapter";

    private static final List<String> TOKENIZER_FILES = List.of(
            HuggingFaceFiles.TOKENIZER,
            HuggingFaceFiles.TOKENIZER_CONFIG,
            HuggingFaceFiles.SPECIAL_TOKENS,
            HuggingFaceFiles.WORD_PIECE_VOCABULARY,
            HuggingFaceFiles.BPE_VOCABULARY,
            HuggingFaceFiles.BPE_MERGES,
            HuggingFaceFiles.CHAT_TEMPLATE,
            HuggingFaceFiles.GENERATION_CONFIG);

    private ModelDirectory() {}

    /** Longest text in tokens that the model is meant for: {@code model_max_length}, within what it has positions for. */
    public static int maxLength(Path directory, ModelConfig config) {
        // Where no limit is meant, transformers writes 1e30.
        double limit = HuggingFaceFiles.tokenizerConfig(directory)
                .path("model_max_length")
                .asDouble(1e30);
        return (int) Math.max(1, Math.min(limit, Architecture.of(config).maxLength(config)));
    }

    /**
     * Writes a fine-tuned model with the tokenizer of its base, as transformers loads it. It is written aside and renamed,
     * so that the directory is whole or absent; one that is there is replaced. To outlast a loss of power it has to be forced.
     */
    public static void save(Path target, Model model, Path base, int maxLength) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        DurableFiles.delete(part);
        Files.createDirectories(part);
        model.config().write(part);
        Safetensors.write(part.resolve(HuggingFaceFiles.WEIGHTS), model.stored(), false);
        if (model.lora() != null) {
            model.writeAdapter(part.resolve(ADAPTER), base.getFileName().toString());
        }
        for (String file : TOKENIZER_FILES) {
            if (Files.exists(base.resolve(file))) {
                Files.copy(base.resolve(file), part.resolve(file));
            }
        }
        HuggingFaceFiles.writeTokenizerConfig(
                part, HuggingFaceFiles.tokenizerConfig(base).put("model_max_length", maxLength));
        if (model.head().task() == Task.CAUSAL_LM) {
            ChatTemplate.of(base).write(part);
        }
        DurableFiles.delete(target);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }
}
