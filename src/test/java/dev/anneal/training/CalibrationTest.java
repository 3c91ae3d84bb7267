package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Jobs in real trainer processes, with labels of which a fifth is wrong, so that a model becomes too sure of itself. */
class CalibrationTest {
    @TempDir
    Path directory;

    @Test
    void aCalibratedModelHasTheTemperatureInItsHead() throws Exception {
        Path plain = run("plain", false);
        Path calibrated = run("calibrated", true);

        JsonNode before = report(plain).path("calibration");
        JsonNode after = report(calibrated).path("calibration");
        double temperature = before.path("temperature").asDouble();
        assertThat(temperature).isBetween(0.05, 20.0).isNotCloseTo(1, within(0.01));
        assertThat(after.path("temperature").asDouble()).isCloseTo(temperature, within(1e-6));
        assertThat(before.path("served").asBoolean()).isFalse();
        assertThat(after.path("served").asBoolean()).isTrue();
        for (String figures : List.of("uncalibrated", "calibrated")) {
            for (String figure : List.of("ece", "brier", "log_loss")) {
                assertThat(after.path(figures).path(figure).asDouble())
                        .as(figures + " " + figure)
                        .isCloseTo(before.path(figures).path(figure).asDouble(), within(1e-4));
            }
        }
        assertThat(report(calibrated).path("loss").asDouble())
                .isCloseTo(before.path("calibrated").path("log_loss").asDouble(), within(1e-4));
        assertThat(report(calibrated).path("confusion_matrix"))
                .as("no prediction changes")
                .isEqualTo(report(plain).path("confusion_matrix"));
        assertScores(plain, calibrated, temperature);
        assertHeads(plain, calibrated, temperature);
        assertThat(Files.readString(calibrated.resolve("model/config.json"))).contains("\"calibration_temperature\"");
        assertEvaluation(calibrated, after);
    }

    /** An evaluation of the calibrated model on the same rows says the same as the job's report. */
    private void assertEvaluation(Path calibrated, JsonNode expected) throws Exception {
        Path model = calibrated.resolve("model");
        Path work = WorkDirectory.create(directory.resolve("evaluation"), model, Map.of(), 1);
        WorkDirectory.set(
                work,
                "spec.json",
                Map.of("labels", List.of("a", "b", "c"), "evaluation", new EvaluationSpec("test", 60, true, Map.of())));
        List<String> rows = new ArrayList<>();
        for (String row : Files.readAllLines(calibrated.resolve("test.jsonl"))) {
            rows.add("{\"row\":" + (rows.size() + 1) + "," + row.substring(1));
        }
        Files.write(work.resolve("test.jsonl"), rows);
        TrainerProcess trainer = TrainerProcess.run(work);

        assertThat(trainer.exitCode()).as(trainer.lastError()).isZero();
        assertThat(report(work).path("calibration").path("served").asBoolean()).isTrue();
        assertThat(report(work).path("calibration")).isEqualTo(expected);
    }

    /** The served probabilities are those of the other model, with their logarithms divided by the temperature. */
    private static void assertScores(Path plain, Path calibrated, double temperature) {
        try (Predictor one = Predictor.load(plain.resolve("model"), "cpu");
                Predictor other = Predictor.load(calibrated.resolve("model"), "cpu")) {
            for (String text : List.of("the soup was great", "the bread was awful", "hello")) {
                float[] p = one.scores(List.of(one.encode(text, null))).get(0);
                float[] q = other.scores(List.of(other.encode(text, null))).get(0);
                double sum = 0;
                for (float x : p) {
                    sum += Math.pow(x, 1 / temperature);
                }
                for (int label = 0; label < p.length; label++) {
                    assertThat((double) q[label]).isCloseTo(Math.pow(p[label], 1 / temperature) / sum, within(1e-5));
                }
            }
        }
    }

    /** The head of the merged model and that of the adapter, which others load, have the temperature; the rest is the same. */
    private static void assertHeads(Path plain, Path calibrated, double temperature) {
        for (String file : List.of("model/model.safetensors", "model/adapter/adapter_model.safetensors")) {
            SortedMap<String, StoredTensor> one = Safetensors.read(plain.resolve(file));
            SortedMap<String, StoredTensor> other = Safetensors.read(calibrated.resolve(file));
            assertThat(other.keySet()).isEqualTo(one.keySet());
            assertThat(one.keySet().toString()).contains("classifier.weight", "classifier.bias");
            one.forEach((name, tensor) -> {
                FloatBuffer a = floats(tensor);
                FloatBuffer b = floats(other.get(name));
                double factor = name.contains("classifier.") ? temperature : 1;
                for (int i = 0; i < Math.min(1000, a.remaining()); i++) {
                    assertThat((double) b.get(i) * factor).as(name).isCloseTo(a.get(i), within(1e-5));
                }
            });
        }
    }

    private static FloatBuffer floats(StoredTensor tensor) {
        return tensor.bytes().get().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    private Path run(String name, boolean calibrate) throws Exception {
        Path work = WorkDirectory.create(
                directory.resolve(name),
                TestModels.small(),
                Map.of("epochs", 3, "learning_rate", 2e-3, "max_length", 16),
                90);
        WorkDirectory.set(
                work,
                "spec.json",
                Map.of(
                        "labels",
                        List.of("a", "b", "c"),
                        "method",
                        Map.of("type", "lora", "r", 4, "alpha", 8, "dropout", 0.0, "target_modules", List.of("query")),
                        "task_options",
                        Map.of("calibrate", calibrate)));
        Random random = new Random(5);
        for (String split : List.of("train", "validation", "test")) {
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < (split.equals("train") ? 90 : 60); i++) {
                int kind = random.nextInt(3);
                int label = random.nextInt(5) == 0 ? random.nextInt(3) : kind;
                rows.add(Json.write(Map.of(
                        "text",
                        "the " + List.of("soup", "bread", "fish").get(random.nextInt(3)) + " was "
                                + List.of("great", "awful", "cold").get(kind),
                        "label",
                        List.of("a", "b", "c").get(label))));
            }
            Files.write(work.resolve(split + ".jsonl"), rows);
        }
        Training.run(work);
        return work;
    }

    private static JsonNode report(Path work) throws IOException {
        return Json.MAPPER.readTree(Files.readString(work.resolve("report.json")));
    }
}
