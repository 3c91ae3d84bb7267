package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The method few_shot: a model learns which texts have the same label, then its last layer is fitted. */
class FewShotTest {
    private static final Map<String, Object> METHOD = Map.of("method", Map.of("type", "few_shot"));

    @TempDir
    Path directory;

    @Test
    void aModelLearnsFromEightRowsOfEachLabel() throws Exception {
        Map<String, Object> once = Map.of("epochs", 1, "batch_size", 16, "learning_rate", 1e-4);
        Path work = WorkDirectory.create(directory.resolve("work"), TestModels.bundled(), once, 16);
        WorkDirectory.set(work, "spec.json", METHOD);

        Training training = Training.run(work);

        JsonNode start = training.events("start").get(0);
        assertThat(start.path("train_examples").asInt()).isEqualTo(16 * 40);
        assertThat(start.path("steps").asInt()).isEqualTo(40);
        JsonNode test = training.events("done").get(0).path("test_metrics");
        assertThat(test.path("accuracy").asDouble()).isGreaterThan(0.8);
        assertIsFitted(work);
    }

    @Test
    void theLastEpochIsPublishedWithAFittedLayerIfThereAreNoRowsToEvaluate() throws Exception {
        Path work = work("alone", Map.of());
        Files.delete(work.resolve("validation.jsonl"));
        Files.delete(work.resolve("test.jsonl"));

        Training.run(work);

        assertIsFitted(work);
    }

    @Test
    void eachFoldHasPairsOfItsOwnRows() throws Exception {
        Path work = work("folds", Map.of("folds", 3));

        Training training = Training.run(work);

        assertThat(training.events("checkpoint"))
                .filteredOn(event -> event.path("reason").asString().equals("part"))
                .hasSize(3);
        JsonNode report = Json.MAPPER.readTree(Files.readString(work.resolve("report.json")));
        assertThat(report.path("cross_validation").path("metrics").has("accuracy"))
                .isTrue();
    }

    private Path work(String name, Map<String, Object> spec) throws Exception {
        Path work = ShortRuns.work(
                directory, name, METHOD, Map.of("epochs", 1, "batch_size", 50), ShortRuns.checkpoints(null, 2));
        WorkDirectory.set(work, "spec.json", spec);
        return work;
    }

    /** A logistic regression predicts, in the sum of the rows that it is fitted to, each label as often as it occurs. */
    private static void assertIsFitted(Path work) throws Exception {
        List<JsonNode> rows = Files.readAllLines(work.resolve("train.jsonl")).stream()
                .map(Json.MAPPER::readTree)
                .toList();
        double negative = 0;
        try (Predictor predictor = Predictor.load(work.resolve("model"), "cpu")) {
            for (JsonNode row : rows) {
                negative += predictor.scores(
                                List.of(predictor.encode(row.path("text").asString(), null)))
                        .get(0)[0];
            }
        }
        long expected = rows.stream()
                .filter(row -> row.path("label").asString().equals("negative"))
                .count();
        assertThat(negative).isCloseTo(expected, within(0.01));
    }
}
