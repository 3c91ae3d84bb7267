package dev.anneal.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.program.Argument;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every encoder against what transformers computed on the same weights. */
class ParityTest {
    @TempDir
    Path directory;

    static List<String> maskedLanguageModels() {
        return goldens(Task.MASKED_LM);
    }

    static List<String> modelsWithTokenizers() {
        return Golden.names().stream()
                .filter(name -> Files.exists(Golden.of(name).directory().resolve(HuggingFaceFiles.TOKENIZER)))
                .toList();
    }

    static List<String> classifiers() {
        return goldens(Task.TEXT_CLASSIFICATION);
    }

    private static List<String> goldens(Task task) {
        return Golden.names().stream()
                .filter(name -> Golden.of(name).config().task() == task)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("maskedLanguageModels")
    void maskedTokenScoresEqualTheReferenceBeforeAndAfterExport(String name) throws IOException {
        Golden golden = Golden.of(name);
        try (Model model = TestModels.load(golden.directory(), Task.MASKED_LM)) {
            assertClose(predict(model, golden.inputs()), flat(golden.scores()));
            if (Files.exists(golden.directory().resolve("tokenizer.json"))) {
                ModelDirectory.save(directory.resolve("saved"), model, golden.directory(), 64);
            }
        }
        if (Files.exists(directory.resolve("saved"))) {
            assertThat(ModelFiles.inspect(directory.resolve("saved")).task()).isEqualTo(Task.MASKED_LM);
            assertThat(ModelFiles.inspect(directory.resolve("saved")).unused()).isEmpty();
            try (Predictor again = Predictor.loadAny(directory.resolve("saved"), "cpu", 1)) {
                assertClose(predict(again.model(), golden.inputs()), flat(golden.scores()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modelsWithTokenizers")
    void tokensEqualTheReference(String name) {
        Golden golden = Golden.of(name);
        try (Tokenizer tokenizer = Tokenizer.load(golden.directory(), 64)) {
            for (int i = 0; i < golden.texts().size(); i++) {
                JsonNode text = golden.texts().get(i);
                Encoded encoded = text.isArray()
                        ? tokenizer.encode(text.get(0).asString(), text.get(1).asString())
                        : tokenizer.encode(text.asString(), null);
                assertThat(encoded.ids()).isEqualTo(golden.inputs().get(i).ids());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("classifiers")
    void labelProbabilitiesEqualTheReference(String name) {
        Golden golden = Golden.of(name);
        ModelConfig config = golden.config();
        try (Model model =
                Model.load(golden.directory(), config, TestModels.head(config, Task.TEXT_CLASSIFICATION, 3), "cpu")) {
            assertClose(predict(model, golden.inputs()), flat(golden.scores()));
        }
    }

    @Test
    void tagProbabilitiesEqualTheReference() {
        Golden golden = Golden.of("bert-tagger");
        ModelConfig config = golden.config();
        try (Model model =
                Model.load(golden.directory(), config, TestModels.head(config, Task.TOKEN_CLASSIFICATION, 5), "cpu")) {
            for (int i = 0; i < golden.inputs().size(); i++) {
                assertClose(
                        predict(model, List.of(golden.inputs().get(i))),
                        golden.scores().get(i));
            }
        }
    }

    @Test
    void gradientsEqualTheReference() {
        Golden bert = Golden.of("bert");
        JsonNode golden = bert.json();
        Architecture architecture = Architecture.of(bert.config());
        try (Model model = TestModels.load(bert.directory(), Task.MASKED_LM);
                NDManager arrays = model.newManager()) {
            Torch.useThreads(1);
            List<String> names = new ArrayList<>();
            golden.path("gradients").propertyNames().forEach(names::add);
            Map<String, String> ofHead = new java.util.HashMap<>();
            model.head().fileNames().forEach((name, file) -> ofHead.put(file, name));
            List<NDArray> trained = names.stream()
                    .map(name -> model.weights().get(ofHead.getOrDefault(name, architecture.toProgram(name))))
                    .toList();
            trained.forEach(weight -> weight.setRequiresGradient(true));
            Map<String, NDArray> batch = Batch.of(Golden.inputs(golden.path("loss_inputs")), arrays);
            batch.put("labels", labels(golden.path("loss_inputs"), arrays));

            NDArray[] found = model.train(arrays, "gradients", Argument.of(trained), batch, 1, 0.0, 0.0, false);

            assertThat(found[0].getFloat()).isCloseTo(golden.path("loss").floatValue(), within(1e-4f));
            for (int i = 0; i < names.size(); i++) {
                float[] expected = Golden.floats(golden.path("gradients").path(names.get(i)));
                assertThat(difference(found[i + 1].toFloatArray(), expected))
                        .as(names.get(i))
                        .isLessThan(1e-3);
            }
        }
    }

    private static NDArray labels(JsonNode inputs, NDManager arrays) {
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
        try (NDManager arrays = model.newManager()) {
            return model.infer(arrays, "predict", Batch.of(texts, arrays)).toFloatArray();
        }
    }

    /** The numbers of all texts, one behind the other. */
    private static float[] flat(List<float[]> perText) {
        FloatBuffer flat = FloatBuffer.allocate(
                perText.stream().mapToInt(scores -> scores.length).sum());
        perText.forEach(flat::put);
        return flat.array();
    }

    private static void assertClose(float[] found, float[] expected) {
        Golden.assertClose(List.of(found), List.of(expected));
    }
}
