package dev.anneal.transformer.architecture;

import dev.anneal.json.Json;
import dev.anneal.text.Visible;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code config.json} of a Hugging Face model directory. It has accessors for the fields in use and keeps all others, so
 * that they are written again.
 */
public record ModelConfig(ObjectNode fields) {
    private static final int MAX_SIZE = 100_000_000;
    /** Says by what the scores of a calibrated classifier are divided already. */
    private static final String TEMPERATURE = "calibration_temperature";

    public static ModelConfig read(Path modelDirectory) {
        Path file = modelDirectory.resolve(HuggingFaceFiles.CONFIG);
        if (HuggingFaceFiles.read(file) instanceof ObjectNode fields) {
            return new ModelConfig(fields);
        }
        throw new ModelException(
                HuggingFaceFiles.CONFIG + (Files.exists(file) ? " is not a JSON object" : " is missing"));
    }

    public void write(Path modelDirectory) throws IOException {
        Files.writeString(
                modelDirectory.resolve(HuggingFaceFiles.CONFIG),
                Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n");
    }

    public String modelType() {
        return fields.path("model_type").asString("");
    }

    /** Returns a text field, or the default if the field is missing. */
    public String text(String name, String otherwise) {
        if (isAbsent(name)) {
            return otherwise;
        } else if (!fields.path(name).isString()) {
            throw new ModelException(HuggingFaceFiles.CONFIG + ": '" + name + "' must be a string");
        }
        return fields.path(name).asString();
    }

    /** Returns the labels in the order of the scores; empty if the model is not a classifier. */
    public List<String> labels() {
        String type = fields.path("architectures").path(0).asString("");
        if (!fields.path("id2label").isObject()
                && (type.endsWith("ForSequenceClassification") || type.endsWith("ForTokenClassification"))) {
            // transformers does not write its default of two labels, nor names that it generated.
            return IntStream.range(0, Math.min(100_000, integer("num_labels", 2)))
                    .mapToObj(i -> "LABEL_" + i)
                    .toList();
        }
        SortedMap<Integer, String> labels = new TreeMap<>();
        fields.path("id2label").properties().forEach(entry -> {
            if (!entry.getKey().matches("\\d{1,9}") || !entry.getValue().isValueNode()) {
                throw new ModelException(
                        HuggingFaceFiles.CONFIG + ": the keys of 'id2label' must be numbers, its values names");
            }
            labels.put(Integer.valueOf(entry.getKey()), entry.getValue().asString(""));
        });
        return List.copyOf(labels.values());
    }

    /** Returns the task, by the class in {@code architectures}; null if that has no head. */
    public @Nullable Task task() {
        String type = fields.path("architectures").path(0).asString("");
        if (type.endsWith("ForSequenceClassification")) {
            String problem = text("problem_type", "");
            return problem.equals("multi_label_classification")
                    ? Task.MULTI_LABEL
                    : problem.equals("regression") || labels().size() == 1
                            ? Task.TEXT_REGRESSION
                            : Task.TEXT_CLASSIFICATION;
        } else if (type.endsWith("ForTokenClassification")) {
            return Task.TOKEN_CLASSIFICATION;
        } else if (type.endsWith("ForMaskedLM") || type.endsWith("ForPreTraining")) {
            return Task.MASKED_LM;
        }
        return type.endsWith("ForCausalLM") || type.endsWith("LMHeadModel") ? Task.CAUSAL_LM : null;
    }

    /** Returns the configuration with another head; the labels are in the order of the scores, none for a language model. */
    public ModelConfig withHead(Head head, List<String> labels) {
        ObjectNode copy = fields.deepCopy();
        copy.putArray("architectures").add(head.transformersClass());
        copy.remove(List.of("problem_type", "id2label", "label2id", "num_labels", TEMPERATURE));
        switch (head.task()) {
            case TEXT_CLASSIFICATION -> copy.put("problem_type", "single_label_classification");
            case MULTI_LABEL -> copy.put("problem_type", "multi_label_classification");
            case TEXT_REGRESSION -> copy.put("problem_type", "regression");
            default -> {}
        }
        if (!head.task().isLanguageModel()) {
            List<String> names = head.task() == Task.TEXT_REGRESSION ? List.of("score") : labels;
            ObjectNode byId = copy.putObject("id2label");
            ObjectNode byLabel = copy.putObject("label2id");
            for (int i = 0; i < names.size(); i++) {
                byId.put(String.valueOf(i), names.get(i));
                byLabel.put(names.get(i), i);
            }
        }
        copy.remove("dtype");
        copy.put("torch_dtype", "float32");
        return new ModelConfig(copy);
    }

    /** Returns whether a text that is too long is truncated or goes through the model in windows, by its own field. */
    public LongTexts longTexts() {
        return text(LongTexts.FIELD, "").equals(LongTexts.WINDOWS.text()) ? LongTexts.WINDOWS : LongTexts.TRUNCATE;
    }

    /** Returns the configuration of a model that was trained with long texts so treated. */
    public ModelConfig withLongTexts(LongTexts longTexts) {
        ObjectNode copy = fields.deepCopy();
        copy.remove(LongTexts.FIELD);
        if (longTexts == LongTexts.WINDOWS) {
            copy.put(LongTexts.FIELD, longTexts.text());
        }
        return new ModelConfig(copy);
    }

    /** Returns the configuration with another value of a field. */
    ModelConfig with(String name, int value) {
        return new ModelConfig(fields.deepCopy().put(name, value));
    }

    /** Does the same for a field with text. */
    ModelConfig with(String name, String value) {
        return new ModelConfig(fields.deepCopy().put(name, value));
    }

    /** Returns by what the scores of a calibrated classifier are divided already; null if the model is not calibrated. */
    public @Nullable Double temperature() {
        double temperature = fields.path(TEMPERATURE).asDouble(0);
        return temperature > 0 && Double.isFinite(temperature) ? temperature : null;
    }

    /** Returns the configuration of a classifier whose head divides its scores by a temperature. */
    public ModelConfig withTemperature(double temperature) {
        return new ModelConfig(fields.deepCopy().put(TEMPERATURE, temperature));
    }

    /** Returns whether both models have the same task and the same labels in the same order. */
    public boolean hasHead(ModelConfig other) {
        Task task = task();
        return task == other.task() && (task == null || !task.hasLabels() || labels().equals(other.labels()));
    }

    /** Returns a required field. */
    public int integer(String name) {
        JsonNode value = fields.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() <= 0 || value.asInt() > MAX_SIZE) {
            throw new ModelException(
                    HuggingFaceFiles.CONFIG + ": '" + name + "' must be an integer from 1 to " + MAX_SIZE);
        }
        return value.asInt();
    }

    int integer(String name, int otherwise) {
        return isAbsent(name) ? otherwise : integer(name);
    }

    /** Returns a positive number, or the default if the field is missing. */
    double number(String name, double otherwise) {
        return number(name, fields.path(name), otherwise);
    }

    /** Does the same for a field of an object in the configuration; {@code name} is for the message. */
    static double number(String name, JsonNode value, double otherwise) {
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        double number = value.isNumber() ? value.asDouble() : -1;
        // The programs compute in fp32.
        if (!(number > 0) || !Float.isFinite((float) number)) {
            throw new ModelException(HuggingFaceFiles.CONFIG + ": '" + name + "' must be a positive number");
        }
        return number;
    }

    /** Returns a share of a whole, from 0 to less than 1. */
    double share(String name, double otherwise) {
        JsonNode value = fields.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        double share = value.isNumber() ? value.asDouble() : -1;
        if (!(share >= 0 && share < 1)) {
            throw new ModelException(
                    HuggingFaceFiles.CONFIG + ": '" + name + "' must be a number from 0 to less than 1");
        }
        return share;
    }

    boolean flag(String name, boolean otherwise) {
        if (isAbsent(name)) {
            return otherwise;
        } else if (!fields.path(name).isBoolean()) {
            throw new ModelException(HuggingFaceFiles.CONFIG + ": '" + name + "' must be true or false");
        }
        return fields.path(name).asBoolean();
    }

    private boolean isAbsent(String name) {
        return fields.path(name).isMissingNode() || fields.path(name).isNull();
    }

    /** Refuses a configuration in which a field is present with any other value. */
    void require(String field, String value) {
        String found = text(field, value);
        if (!found.equals(value)) {
            throw new ModelException("config.json: '" + field + "' is '" + Visible.quote(found) + "'. Only '" + value
                    + "' is supported.");
        }
    }
}
