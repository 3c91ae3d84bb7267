package dev.anneal.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The decoders against what transformers computes with the same small random weights. */
class DecoderTest {
    @TempDir
    Path temporary;

    static List<String> decoders() {
        return Golden.names().stream()
                .filter(name -> Golden.of(name).config().task() == Task.CAUSAL_LM)
                .toList();
    }

    static List<String> decodersWithGradients() {
        return decoders().stream().filter(name -> golden(name).has("gradients")).toList();
    }

    private static Path directory(String name) {
        return Path.of("src/test/resources/models").resolve(name);
    }

    private static Model load(String name) {
        Torch.useThreads(1);
        return DecoderTest.load(directory(name), ModelConfig.read(directory(name)));
    }

    private static Model load(Path directory, ModelConfig config) {
        return Model.load(directory, config, Architecture.of(config).head(Task.CAUSAL_LM, config, 0), "cpu");
    }

    private static JsonNode golden(String name) {
        return Golden.of(name).json();
    }

    private static long[] longs(JsonNode list) {
        return list.valueStream().mapToLong(JsonNode::asLong).toArray();
    }

    private static long[] filled(int length, long value) {
        return LongStream.generate(() -> value).limit(length).toArray();
    }

    private static Map<String, NDArray> batch(NDManager arrays, long[] ids, long[] segments) {
        Map<String, NDArray> batch = new HashMap<>();
        batch.put("ids", arrays.create(ids, new Shape(1, ids.length)));
        batch.put("segments", arrays.create(segments, new Shape(1, segments.length)));
        return batch;
    }

    private static float[] predict(Model model, NDManager arrays, long[] ids) {
        return model.infer(arrays, "predict", batch(arrays, ids, filled(ids.length, 1)))
                .toFloatArray();
    }

    private static double loss(Model model, NDManager arrays, long[] ids, long[] segments, long[] labels) {
        Map<String, NDArray> batch = batch(arrays, ids, segments);
        batch.put("labels", arrays.create(labels, new Shape(1, ids.length)));
        return model.infer(arrays, "loss", batch, 0.0).getFloat();
    }

    /** Long wavelengths stretched as Llama 3 does it, and 16 bits in two files, are among them. */
    @ParameterizedTest
    @MethodSource("decoders")
    void scoresAreThoseOfTransformers(String name) {
        Golden golden = Golden.of(name);
        try (Model model = load(name);
                NDManager arrays = model.newManager()) {
            for (int i = 0; i < golden.inputs().size(); i++) {
                long[] ids = Arrays.stream(golden.inputs().get(i).ids())
                        .asLongStream()
                        .toArray();
                assertThat(predict(model, arrays, ids))
                        .containsExactly(golden.scores().get(i), within(1e-4f));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "mistral"})
    void aTextInAPackedRowHasTheScoresThatItHasAlone(String name) throws IOException {
        long[] one = {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
        long[] two = {20, 21, 22};
        try (Model model = load(name);
                NDManager arrays = model.newManager()) {
            long[] row = {0, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 21, 22, 0};
            long[] segments = {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 0};
            NDArray scores = model.infer(arrays, "predict", batch(arrays, row, segments));

            assertThat(scores.get("0, 2:14").toFloatArray())
                    .containsExactly(predict(model, arrays, one), within(2e-5f));
            assertThat(scores.get("0, 14:17").toFloatArray())
                    .containsExactly(predict(model, arrays, two), within(2e-5f));
            NDArray right = model.infer(
                    arrays, "predict", batch(arrays, new long[] {20, 21, 22, 0, 0}, new long[] {1, 1, 1, 0, 0}));
            assertThat(right.get("0, :3").toFloatArray()).containsExactly(predict(model, arrays, two), within(2e-5f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void theLossIsTheMeanOverLabelledTokensHoweverTheTextsArePacked(String name) throws IOException {
        long[] one = {5, 6, 7, 8, 9};
        long[] two = {20, 21, 22};
        long[] completion = {-100, -100, -100, 8, 9};
        try (Model model = load(name);
                NDManager arrays = model.newManager()) {
            double first = loss(model, arrays, one, filled(5, 1), one);
            double second = loss(model, arrays, two, filled(3, 1), two);
            double packed = loss(
                    model,
                    arrays,
                    new long[] {5, 6, 7, 8, 9, 20, 21, 22, 0},
                    new long[] {1, 1, 1, 1, 1, 2, 2, 2, 0},
                    new long[] {5, 6, 7, 8, 9, 20, 21, 22, -100});
            double padded =
                    loss(model, arrays, new long[] {0, 5, 6, 7, 8, 9}, new long[] {0, 1, 1, 1, 1, 1}, new long[] {
                        -100, 5, 6, 7, 8, 9
                    });

            assertThat(packed).isCloseTo((first * 4 + second * 2) / 6, within(1e-5));
            assertThat(padded).isCloseTo(first, within(1e-5));
            assertThat(loss(model, arrays, one, filled(5, 1), completion)).isNotCloseTo(first, within(1e-3));
            assertThat(loss(model, arrays, one, filled(5, 1), filled(5, -100))).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("decodersWithGradients")
    void lossAndGradientsAreThoseOfTransformers(String name) {
        JsonNode golden = golden(name);
        List<String> names = List.copyOf(golden.get("gradients").propertyNames());
        try (Model model = load(name);
                NDManager arrays = model.newManager()) {
            List<NDArray> trained = names.stream()
                    .map(file -> model.weights().get(file.replaceFirst("^model\\.", "")))
                    .toList();
            trained.forEach(weight -> weight.setRequiresGradient(true));
            Map<String, NDArray> batch = padded(arrays, golden.get("loss_inputs"));

            NDArray[] found = model.train(arrays, "gradients", trained, batch, 1, 0.0, 0.0, false);

            assertThat(found[0].getFloat()).isCloseTo((float) golden.get("loss").asDouble(), within(1e-4f));
            for (int i = 0; i < names.size(); i++) {
                float[] expected = Golden.floats(golden.get("gradients").get(names.get(i)));
                float largest = 0;
                for (float value : expected) {
                    largest = Math.max(largest, Math.abs(value));
                }
                assertThat(found[i + 1].toFloatArray())
                        .as(names.get(i))
                        .containsExactly(expected, within(1e-3f * largest));
            }
        }
    }

    private static Map<String, NDArray> padded(NDManager arrays, JsonNode texts) {
        int length = texts.valueStream()
                .mapToInt(text -> text.get("ids").size())
                .max()
                .orElseThrow();
        long[] ids = new long[texts.size() * length];
        long[] segments = new long[ids.length];
        long[] labels = filled(ids.length, -100);
        for (int i = 0; i < texts.size(); i++) {
            long[] text = longs(texts.get(i).get("ids"));
            System.arraycopy(text, 0, ids, i * length, text.length);
            System.arraycopy(longs(texts.get(i).get("labels")), 0, labels, i * length, text.length);
            Arrays.fill(segments, i * length, i * length + text.length, 1);
        }
        Shape shape = new Shape(texts.size(), length);
        return Map.of(
                "ids", arrays.create(ids, shape),
                "segments", arrays.create(segments, shape),
                "labels", arrays.create(labels, shape));
    }

    @Test
    void theOtherLayersComputeFromTheOutputOfTheFrozenOnes() throws IOException {
        for (String name : List.of("gpt2", "llama")) {
            ModelConfig config = ModelConfig.read(directory(name));
            Head head = Architecture.of(config).head(Task.CAUSAL_LM, config, 0);
            Torch.useThreads(1);
            try (Model model = Model.load(directory(name), config, head, "cpu", 1, null, (weight, shape) -> null);
                    NDManager arrays = model.newManager()) {
                long[] ids = {5, 6, 7, 8, 9, 10};
                Map<String, NDArray> batch = batch(arrays, ids, new long[] {1, 1, 1, 2, 2, 2});
                float[] expected = model.infer(arrays, "predict", batch).toFloatArray();
                batch.put("hidden", model.infer(arrays, "frozen_forward", batch));
                batch.remove("ids");

                assertThat(model.infer(arrays, "predict", batch).toFloatArray())
                        .containsExactly(expected, within(1e-6f));
            }
        }
    }

    @Test
    void lowRankCorrectionsAreFeltInTheModelAndInItsFiles() throws IOException {
        for (String name : List.of("gpt2", "llama")) {
            ModelConfig config = ModelConfig.read(directory(name));
            Head head = Architecture.of(config).head(Task.CAUSAL_LM, config, 0);
            Lora lora = new Lora(
                    4, 8, 0, name.equals("gpt2") ? List.of("c_attn", "c_proj") : List.of("q_proj", "down_proj"));
            long[] ids = {5, 6, 7, 8, 9, 10};
            try (Model base = load(name);
                    Model model = Model.load(directory(name), config, head, "cpu", 0, lora, DecoderTest::drawn);
                    NDManager arrays = model.newManager()) {
                float[] before = predict(base, arrays, ids);
                assertThat(predict(model, arrays, ids)).containsExactly(before, within(1e-6f));

                List<NDArray> pairs = model.weights().entrySet().stream()
                        .filter(weight -> Lora.isAdapter(weight.getKey()))
                        .map(Map.Entry::getValue)
                        .toList();
                pairs.forEach(weight -> weight.setRequiresGradient(true));
                Map<String, NDArray> batch = new HashMap<>(batch(arrays, ids, filled(6, 1)));
                batch.put("labels", arrays.create(ids, new Shape(1, 6)));
                NDArray[] found = model.train(arrays, "gradients", pairs, batch, 1, 0.1, 0.1, false);
                assertThat(found).hasSize(pairs.size() + 1);
                assertThat(found[0].getFloat()).isFinite();
                pairs.forEach(weight -> weight.setRequiresGradient(false));
                pairs.forEach(weight -> weight.addi(0.05f));
                float[] after = predict(model, arrays, ids);
                assertThat(after[0]).isNotCloseTo(before[0], within(1e-4f));
                Path saved = temporary.resolve(name);
                ModelDirectory.save(saved, model, directory(name), 64);
                try (Model merged = load(saved, ModelConfig.read(saved))) {
                    assertThat(predict(merged, arrays, ids)).containsExactly(after, within(2e-4f));
                }
            }
        }
    }

    private static float[] drawn(String name, Shape shape) {
        Random random = new Random(name.hashCode());
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() * 0.02f;
        }
        return values;
    }

    @Test
    void anUnsupportedSettingIsRefusedByName() throws IOException {
        ModelConfig config = ModelConfig.read(directory("llama"));
        assertThatThrownBy(() -> Architecture.of(with(config, "rope_scaling", "{\"type\": \"yarn\", \"factor\": 4}")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("'yarn' is not supported");
        assertThatThrownBy(() -> Architecture.of(with(config, "hidden_act", "\"gelu\"")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("hidden_act");
        assertThatThrownBy(() -> Architecture.of(config).head(Task.TEXT_CLASSIFICATION, config, 2))
                .isInstanceOf(ModelException.class)
                .hasMessage("Models of type 'llama' do not support the task text-classification");
    }

    private static ModelConfig with(ModelConfig config, String field, String json) {
        ModelConfig changed = new ModelConfig(config.fields().deepCopy());
        changed.fields().remove("rope_parameters");
        changed.fields().set(field, Json.MAPPER.readTree(json));
        return changed;
    }
}
