package dev.anneal.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Every encoder against what transformers computed on the same weights. */
class ParityTest {
    private static final Path MODELS = Path.of("src", "test", "resources", "models");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "roberta", "xlm-roberta", "electra", "modernbert", "bert-f16"})
    void theScoresOfHiddenTokensAreThoseOfTheReferenceAlsoAfterExport(String name) throws IOException {
        Path checkpoint = MODELS.resolve(name);
        JsonNode golden = golden(checkpoint);
        List<Encoded> texts = texts(golden.has("inputs") ? golden.path("inputs") : golden);
        try (Model model = TestModels.load(checkpoint, Task.MASKED_LM)) {
            assertClose(predict(model, texts), flat(golden.path("logits")));
            if (Files.exists(checkpoint.resolve("tokenizer.json"))) {
                ModelDirectory.save(directory.resolve("saved"), model, checkpoint, 64);
            }
        }
        if (Files.exists(directory.resolve("saved"))) {
            assertThat(ModelFiles.inspect(directory.resolve("saved")).task()).isEqualTo(Task.MASKED_LM);
            assertThat(ModelFiles.inspect(directory.resolve("saved")).unused()).isEmpty();
            try (Predictor again = Predictor.loadAny(directory.resolve("saved"), "cpu", 1)) {
                assertClose(predict(again.model(), texts), flat(golden.path("logits")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "roberta", "xlm-roberta", "electra", "modernbert"})
    void theTokenizerMakesTheReferencesTokens(String name) throws IOException {
        JsonNode golden = golden(MODELS.resolve(name));
        try (Tokenizer tokenizer = Tokenizer.load(MODELS.resolve(name), 64)) {
            for (int i = 0; i < golden.path("texts").size(); i++) {
                JsonNode text = golden.path("texts").get(i);
                Encoded encoded = text.isArray()
                        ? tokenizer.encode(text.get(0).asString(), text.get(1).asString())
                        : tokenizer.encode(text.asString(), null);
                assertThat(encoded.ids())
                        .isEqualTo(texts(golden.path("inputs")).get(i).ids());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert-classifier",
                "distilbert-classifier",
                "roberta-classifier",
                "electra-classifier",
                "modernbert-classifier",
                "modernbert-classifier-mean"
            })
    void theProbabilitiesOfLabelsAreThoseOfTheReference(String name) throws IOException {
        Path checkpoint = MODELS.resolve(name);
        JsonNode golden = golden(checkpoint);
        ModelConfig config = ModelConfig.read(checkpoint);
        try (Model model =
                Model.load(checkpoint, config, TestModels.head(config, Task.TEXT_CLASSIFICATION, 3), "cpu")) {
            List<Encoded> texts = texts(golden);
            float[] found = predict(model, texts);
            for (int i = 0; i < texts.size(); i++) {
                float[] row = java.util.Arrays.copyOfRange(found, 3 * i, 3 * i + 3);
                assertClose(row, softmax(floats(golden.path("logits").get(i))));
            }
        }
    }

    @Test
    void theProbabilitiesOfTagsAreThoseOfTheReference() throws IOException {
        Path checkpoint = MODELS.resolve("bert-tagger");
        JsonNode golden = golden(checkpoint);
        ModelConfig config = ModelConfig.read(checkpoint);
        try (Model model =
                Model.load(checkpoint, config, TestModels.head(config, Task.TOKEN_CLASSIFICATION, 5), "cpu")) {
            List<Encoded> texts = texts(golden);
            for (int i = 0; i < texts.size(); i++) {
                float[] found = predict(model, List.of(texts.get(i)));
                float[] logits = floats(golden.path("logits").get(i));
                for (int token = 0; token < texts.get(i).length(); token++) {
                    assertClose(
                            java.util.Arrays.copyOfRange(found, 5 * token, 5 * token + 5),
                            softmax(java.util.Arrays.copyOfRange(logits, 5 * token, 5 * token + 5)));
                }
            }
        }
    }

    @Test
    void theGradientsOfAStepAreThoseOfTheReference() throws IOException {
        Path checkpoint = MODELS.resolve("bert");
        JsonNode golden = golden(checkpoint);
        Architecture architecture = Architecture.of(ModelConfig.read(checkpoint));
        try (Model model = TestModels.load(checkpoint, Task.MASKED_LM);
                PtNDManager arrays = model.newManager()) {
            Torch.useThreads(1);
            List<String> names = new ArrayList<>();
            golden.path("gradients").propertyNames().forEach(names::add);
            Map<String, String> ofHead = new java.util.HashMap<>();
            model.head().fileNames().forEach((name, file) -> ofHead.put(file, name));
            List<NDArray> trained = names.stream()
                    .map(name -> model.weights().get(ofHead.getOrDefault(name, architecture.toProgram(name))))
                    .toList();
            trained.forEach(weight -> weight.setRequiresGradient(true));
            Map<String, NDArray> batch = Batch.of(texts(golden.path("loss_inputs")), arrays);
            batch.put("labels", labels(golden.path("loss_inputs"), arrays));

            NDArray[] found = model.train(arrays, "gradients", Program.value(trained), batch, 0.0, 0.0, false);

            assertThat(found[0].getFloat()).isCloseTo(golden.path("loss").floatValue(), within(1e-4f));
            for (int i = 0; i < names.size(); i++) {
                float[] expected = floats(golden.path("gradients").path(names.get(i)));
                assertThat(difference(found[i + 1].toFloatArray(), expected))
                        .as(names.get(i))
                        .isLessThan(1e-3);
            }
        }
    }

    private static NDArray labels(JsonNode inputs, PtNDManager arrays) {
        int length =
                inputs.valueStream().mapToInt(i -> i.path("ids").size()).max().orElseThrow();
        long[] labels = new long[inputs.size() * length];
        java.util.Arrays.fill(labels, -100);
        for (int row = 0; row < inputs.size(); row++) {
            JsonNode given = inputs.get(row).path("labels");
            for (int i = 0; i < given.size(); i++) {
                labels[row * length + i] = given.get(i).asLong();
            }
        }
        return arrays.create(labels, new Shape(inputs.size(), length));
    }

    /** The norm of the difference as a share of the norm of what is expected. */
    private static double difference(float[] found, float[] expected) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += (found[i] - expected[i]) * (found[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        return Math.sqrt(difference / norm);
    }

    private static float[] predict(Model model, List<Encoded> texts) {
        Torch.useThreads(1);
        try (PtNDManager arrays = model.newManager()) {
            return model.infer(arrays, "predict", Batch.of(texts, arrays)).toFloatArray();
        }
    }

    private static void assertClose(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
        }
    }

    private static float[] softmax(float[] logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        float[] probabilities = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = (float) (Math.exp(logits[i]) / sum);
        }
        return probabilities;
    }

    private static JsonNode golden(Path checkpoint) throws IOException {
        return Json.MAPPER.readTree(Files.readString(checkpoint.resolve("golden.json")));
    }

    /** Either a list of {ids, types}, or an object of lists. */
    private static List<Encoded> texts(JsonNode inputs) {
        List<Encoded> texts = new ArrayList<>();
        int count = inputs.isArray() ? inputs.size() : inputs.path("ids").size();
        for (int i = 0; i < count; i++) {
            JsonNode ids = inputs.isArray()
                    ? inputs.get(i).path("ids")
                    : inputs.path("ids").get(i);
            JsonNode types = inputs.isArray()
                    ? inputs.get(i).path("types")
                    : inputs.path("types").path(i);
            byte[] kinds = null;
            if (types.isArray()) {
                kinds = new byte[types.size()];
                for (int k = 0; k < kinds.length; k++) {
                    kinds[k] = (byte) types.get(k).asInt();
                }
            }
            texts.add(new Encoded(ids.valueStream().mapToInt(JsonNode::asInt).toArray(), kinds));
        }
        return texts;
    }

    private static float[] flat(JsonNode perText) {
        List<Float> all = new ArrayList<>();
        perText.forEach(text -> text.forEach(number -> all.add(number.floatValue())));
        float[] flat = new float[all.size()];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = all.get(i);
        }
        return flat;
    }

    private static float[] floats(JsonNode numbers) {
        float[] floats = new float[numbers.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = numbers.get(i).floatValue();
        }
        return floats;
    }
}
