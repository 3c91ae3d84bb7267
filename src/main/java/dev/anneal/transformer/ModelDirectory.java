package dev.anneal.transformer;

import dev.anneal.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/** A Hugging Face model directory on disk: writing one, and what its tokenizer settings say. */
public final class ModelDirectory {
    static final String TOKENIZER_CONFIG = "tokenizer_config.json";
    /** What peft loads, where the model was trained by low-rank corrections. */
    static final String ADAPTER = "adapter";

    private static final List<String> TOKENIZER_FILES = List.of(
            Tokenizer.FILE,
            TOKENIZER_CONFIG,
            "special_tokens_map.json",
            "vocab.txt",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja",
            "generation_config.json");

    private ModelDirectory() {}

    /** Longest text in tokens that the model is meant for: {@code model_max_length}, within what it has positions for. */
    public static int maxLength(Path directory, ModelConfig config) {
        // Where no limit is meant, transformers writes 1e30.
        double limit = tokenizerConfig(directory).path("model_max_length").asDouble(1e30);
        return (int) Math.max(1, Math.min(limit, Architecture.of(config).maxLength(config)));
    }

    /**
     * Writes a fine-tuned model with the tokenizer of its base, as transformers loads it. It is written aside and renamed,
     * so that the directory is whole or absent; one that is there is replaced. To outlast a loss of power it has to be forced.
     */
    public static void save(Path target, Model model, Path base, int maxLength) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        delete(part);
        Files.createDirectories(part);
        model.config().write(part);
        Safetensors.write(part.resolve(Model.WEIGHTS_FILE), model.stored(), false);
        if (model.lora() != null) {
            model.writeAdapter(part.resolve(ADAPTER), base.getFileName().toString());
        }
        for (String file : TOKENIZER_FILES) {
            if (Files.exists(base.resolve(file))) {
                Files.copy(base.resolve(file), part.resolve(file));
            }
        }
        writeTokenizerConfig(part, tokenizerConfig(base).put("model_max_length", maxLength));
        if (model.head().task() == Task.CAUSAL_LM) {
            ChatTemplate.of(base).write(part);
        }
        delete(target);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private static ObjectNode tokenizerConfig(Path directory) {
        Path file = directory.resolve(TOKENIZER_CONFIG);
        try {
            return Files.exists(file) && Json.MAPPER.readTree(Files.readString(file)) instanceof ObjectNode fields
                    ? fields
                    : Json.MAPPER.createObjectNode();
        } catch (JacksonException | IOException e) {
            throw new ModelException("cannot read " + TOKENIZER_CONFIG + ": " + e.getMessage(), e);
        }
    }

    static void writeTokenizerConfig(Path directory, ObjectNode fields) throws IOException {
        Files.writeString(
                directory.resolve(TOKENIZER_CONFIG),
                Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n");
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
