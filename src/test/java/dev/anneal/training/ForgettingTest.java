package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The part of a report that says what a model forgot, and what each remedy changes in that. */
class ForgettingTest {
    private static final Path MODELS = Path.of("src/test/resources/models").toAbsolutePath();
    private static final Map<String, Object> ROW = Map.of("text", "the river runs to the shop");
    private static final Map<String, Object> OTHER = Map.of("text", "boats came home in the old town");

    @TempDir
    Path directory;

    @Test
    void aModelThatLearnsOneSentenceForgetsGeneralTextAndEachPullToTheBaseKeepsMoreOfIt() throws Exception {
        JsonNode plain = report("plain", Map.of(), List.of());

        JsonNode pulled = report("pulled", Map.of("l2_to_base", 20), List.of());
        JsonNode projected = report("projected", Map.of("unfreeze_rank_ratio", 0.1), List.of());

        assertThat(change(plain)).isGreaterThan(0.2);
        assertThat(plain.path("forgetting").path("measure").asString()).isEqualTo("loss");
        assertThat(plain.path("forgetting").path("message").asString())
                .startsWith("On general text, the loss rose from ")
                .contains("To forget less");
        assertThat(plain.path("forgetting").path("probe").path("agreement").asDouble())
                .isBetween(0.0, 0.9);
        assertThat(change(pulled)).isLessThan(change(plain) / 2);
        assertThat(change(projected)).isLessThan(change(plain) / 2);
        assertThat(projected.path("loss").asDouble())
                .as("it learns nevertheless")
                .isLessThan(projected
                        .path("forgetting")
                        .path("probe")
                        .path("before")
                        .asDouble());
    }

    @Test
    void rowsThatAreReplayedAreNotForgotten() throws Exception {
        JsonNode without = report("without", Map.of(), List.of());
        JsonNode with = report("with", Map.of(), List.of(OTHER));

        double forgotten =
                without.path("forgetting").path("retained").path("after").asDouble();
        assertThat(with.path("forgetting").path("retained").path("after").asDouble())
                .isLessThan(forgotten / 2);
        assertThat(with.path("forgetting").path("message").asString()).contains("On the rows of the retain_dataset");
    }

    @Test
    void rowsOfReplayTrainAClassifierBesideItsOwn() throws Exception {
        Path work = ShortRuns.work(directory, "work", replay(), Map.of(), ShortRuns.checkpoints(null, 2));
        Files.write(
                work.resolve("replay.jsonl"),
                IntStream.range(0, 7)
                        .mapToObj(i -> Json.write(Map.of("row", i + 1, "text", "more soup", "label", "negative")))
                        .toList());

        Training run = Training.run(work);

        assertThat(run.events("start").get(0).path("train_examples").asInt()).isEqualTo(25 + 7);
    }

    /** Only the head learns, so the encoder with the head of its base model computes what it computed before. */
    @Test
    void anEncoderThatIsNotTrainedForgotNothingAlthoughItsHeadIsAnother() throws Exception {
        for (String model : List.of("bert", "modernbert")) {
            Path work = WorkDirectory.create(
                    directory.resolve(model),
                    MODELS.resolve(model),
                    Map.of("epochs", 3, "learning_rate", 1e-2, "max_length", 16),
                    25);
            WorkDirectory.set(work, "spec.json", Map.of("method", Map.of("type", "head")));
            JsonNode frozen = report(work);
            WorkDirectory.set(work, "spec.json", Map.of("method", Map.of("type", "full")));
            JsonNode full = report(work);

            assertThat(frozen.path("measure").asString()).isEqualTo("masked_loss");
            assertThat(frozen.path("probe").path("change").asDouble()).as(model).isZero();
            assertThat(full.path("probe").path("change").asDouble()).as(model).isNotZero();
        }
    }

    @Test
    void anEncoderWithoutAMaskedHeadMovesTheSimilaritiesOfPairs() throws Exception {
        Path work = ShortRuns.work(directory, "work", Map.of(), Map.of(), ShortRuns.checkpoints(null, 2));

        JsonNode forgetting = report(work);

        assertThat(forgetting.path("measure").asString()).isEqualTo("similarity");
        assertThat(forgetting.path("probe").path("texts").asInt()).isEqualTo(40);
        assertThat(forgetting.path("probe").path("change").asDouble()).isPositive();
    }

    private static Map<String, Object> replay() {
        return Map.of("replay", Map.of("dataset", "ds_2", "share", 0.2));
    }

    private static JsonNode report(Path work) throws IOException {
        Training.run(work);
        return Json.MAPPER
                .readTree(Files.readString(work.resolve("report.json")))
                .path("forgetting");
    }

    private static double change(JsonNode report) {
        return report.path("forgetting").path("probe").path("change").asDouble();
    }

    /** Trains a tiny decoder on one sentence, and on others that are replayed. */
    private JsonNode report(String name, Map<String, Object> remedy, List<Map<String, Object>> replayed)
            throws Exception {
        Map<String, Object> hyperparameters = new HashMap<>(
                Map.of("epochs", 8, "learning_rate", 1e-2, "dropout", 0.0, "max_length", 64, "batch_size", 4));
        hyperparameters.putAll(remedy);
        Path work = WorkDirectory.create(directory.resolve(name), MODELS.resolve("llama"), hyperparameters, 1);
        Map<String, Object> spec = new HashMap<>(Map.of("task", "causal-lm", "labels", List.of()));
        spec.putAll(replayed.isEmpty() ? Map.of() : replay());
        WorkDirectory.set(work, "spec.json", spec);
        write(work, "train", 60, List.of(ROW));
        write(work, "validation", 2, List.of(ROW));
        Files.deleteIfExists(work.resolve("test.jsonl"));
        write(work, "retain", 2, List.of(OTHER));
        if (!replayed.isEmpty()) {
            write(work, "replay", 15, replayed);
        }
        Training.run(work);
        return Json.MAPPER.readTree(Files.readString(work.resolve("report.json")));
    }

    private static void write(Path work, String file, int times, List<Map<String, Object>> rows) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            rows.forEach(row -> lines.add(Json.write(row)));
        }
        Files.write(work.resolve(file + ".jsonl"), lines);
    }
}
