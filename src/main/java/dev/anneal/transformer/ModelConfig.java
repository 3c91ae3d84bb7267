package dev.anneal.transformer;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code config.json} of a Hugging Face model directory: the fields that are used here by name, and all others as they
 * were, so that they are there when it is written again.
 */
public record ModelConfig(ObjectNode fields) {
    public static final String FILE = "config.json";

    public static ModelConfig read(Path modelDirectory) {
        try {
            if (Json.MAPPER.readTree(Files.readString(modelDirectory.resolve(FILE))) instanceof ObjectNode fields) {
                return new ModelConfig(fields);
            }
            throw new ModelException(FILE + " is not a JSON object");
        } catch (JacksonException e) {
            throw new ModelException(FILE + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelException("cannot read " + modelDirectory.resolve(FILE), e);
        }
    }

    public void write(Path modelDirectory) throws IOException {
        Files.writeString(
                modelDirectory.resolve(FILE),
                Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n");
    }

    public String modelType() {
        return fields.path("model_type").asString("");
    }

    public int hiddenSize() {
        return integer("hidden_size");
    }

    public int layers() {
        return integer("num_hidden_layers");
    }

    public int heads() {
        return integer("num_attention_heads");
    }

    public int intermediateSize() {
        return integer("intermediate_size");
    }

    public int vocabularySize() {
        return integer("vocab_size");
    }

    /** Longest text that the model has positions for, in tokens. */
    public int maxPositions() {
        return integer("max_position_embeddings");
    }

    public int typeVocabularySize() {
        return integer("type_vocab_size");
    }

    public double layerNormEps() {
        return fields.path("layer_norm_eps").asDouble(1e-12);
    }

    /** A field of text, or the default where there is none. */
    public String text(String name, String otherwise) {
        return fields.path(name).asString(otherwise);
    }

    /** The labels in the order of the scores; empty where the model is no classifier. */
    public List<String> labels() {
        try {
            return fields.path("id2label").properties().stream()
                    .sorted(Comparator.comparingInt(entry -> Integer.parseInt(entry.getKey())))
                    .map(entry -> entry.getValue().asString())
                    .toList();
        } catch (NumberFormatException e) {
            throw new ModelException(FILE + ": the keys of 'id2label' must be numbers", e);
        }
    }

    /** The same model as a classifier of single labels; {@code architecture} is the name of its class in transformers. */
    public ModelConfig asClassifier(String architecture, List<String> labels) {
        ObjectNode copy = fields.deepCopy();
        copy.putArray("architectures").add(architecture);
        copy.put("problem_type", "single_label_classification");
        ObjectNode byId = copy.putObject("id2label");
        ObjectNode byLabel = copy.putObject("label2id");
        for (int i = 0; i < labels.size(); i++) {
            byId.put(String.valueOf(i), labels.get(i));
            byLabel.put(labels.get(i), i);
        }
        copy.put("torch_dtype", "float32");
        return new ModelConfig(copy);
    }

    private int integer(String name) {
        JsonNode value = fields.path(name);
        if (!value.isIntegralNumber() || value.asInt() <= 0) {
            throw new ModelException(FILE + ": '" + name + "' must be a positive integer");
        }
        return value.asInt();
    }
}
