package dev.anneal.transformer.format;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Names of the files in a Hugging Face model directory; reads and writes its JSON files. */
public final class HuggingFaceFiles {
    public static final String CONFIG = "config.json";
    public static final String WEIGHTS = "model.safetensors";
    public static final String WEIGHTS_INDEX = "model.safetensors.index.json";
    public static final String TOKENIZER = "tokenizer.json";
    public static final String TOKENIZER_CONFIG = "tokenizer_config.json";
    public static final String SPECIAL_TOKENS = "special_tokens_map.json";
    public static final String WORD_PIECE_VOCABULARY = "vocab.txt";
    public static final String BPE_VOCABULARY = "vocab.json";
    public static final String BPE_MERGES = "merges.txt";
    public static final String CHAT_TEMPLATE = "chat_template.jinja";
    public static final String GENERATION_CONFIG = "generation_config.json";
    /** The model card. */
    public static final String CARD = "README.md";

    /** The model card of the base model, in the directory of a model that was trained from it. */
    public static final String BASE_CARD = "BASE_MODEL.md";

    public static final String LICENSE = "LICENSE";

    /** The record of the training of a model. */
    public static final String TRAINING = "training.json";

    public static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";
    public static final String ADAPTER_CONFIG = "adapter_config.json";

    private HuggingFaceFiles() {}

    /** Returns the content of a JSON file, or a missing node if there is no such file; throws a {@link ModelException}. */
    public static JsonNode read(Path file) {
        try {
            return Files.exists(file) ? BoundedJson.read(file) : Json.MAPPER.missingNode();
        } catch (JacksonException e) {
            throw new ModelException(file.getFileName() + " is not valid JSON: " + Json.reason(e), e);
        } catch (IOException e) {
            throw new ModelException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Returns the settings of the tokenizer, empty if the directory has none. */
    public static ObjectNode tokenizerConfig(Path directory) {
        return read(directory.resolve(TOKENIZER_CONFIG)) instanceof ObjectNode fields
                ? fields
                : Json.MAPPER.createObjectNode();
    }

    public static void writeTokenizerConfig(Path directory, ObjectNode fields) throws IOException {
        Files.writeString(
                directory.resolve(TOKENIZER_CONFIG),
                Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n");
    }
}
