package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Cases;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Reports on rows whose tokens do not all take part. */
class LongRowsTest {
    private static final Map<String, Object> TAGS =
            Map.of("task", "token-classification", "labels", List.of("O", "B-LOC", "B-PER"));

    @TempDir
    Path directory;

    @Test
    void aReportCountsTheEntitiesOfAllWords() throws IOException {
        List<String> rows = Files.readAllLines(Cases.of("ner-beyond-max-length.jsonl"));

        JsonNode report = tagged(rows.subList(0, 80), rows.subList(80, 120), 64);

        assertThat(supports(report)).isEqualTo(gold(rows.subList(80, 120)));
    }

    @Test
    void entitiesBeyondTheLengthLimitCountToo() throws IOException {
        List<String> rows = IntStream.range(0, 30)
                .mapToObj(i -> Json.write(Map.of(
                        "tokens",
                        IntStream.range(0, 60)
                                .mapToObj(word -> word % 6 == 0 ? "ana" : word % 6 == 3 ? "\u200b" : "rome")
                                .toList(),
                        "tags",
                        IntStream.range(0, 60)
                                .mapToObj(word -> word % 6 == 0 ? "B-PER" : word % 6 == 3 ? "B-LOC" : "O")
                                .toList())))
                .toList();

        JsonNode report = tagged(rows.subList(0, 20), rows.subList(20, 30), 16);

        assertThat(report.path("examples").asInt()).isEqualTo(10);
        assertThat(supports(report)).isEqualTo(Map.of("LOC", 100, "PER", 100));
        assertThat(report.path("recall").asDouble())
                .as("words without tokens are missed")
                .isLessThanOrEqualTo(0.5);
        List<String> lines = Files.readAllLines(directory.resolve("work/predictions.jsonl"));
        assertThat(lines).hasSize(10);
        assertThat(Json.MAPPER.readTree(lines.get(9)).path("predicted_tags").size())
                .isEqualTo(60);
    }

    @Test
    void aReportSaysHowManyTextsWereTruncated() throws IOException {
        Path work = ShortRuns.work(directory, "work", Map.of(), Map.of("epochs", 1), ShortRuns.checkpoints(null, 1));
        Files.write(
                work.resolve("test.jsonl"),
                List.of(
                        Json.write(Map.of("text", "food ".repeat(20), "label", "positive")),
                        Json.write(Map.of("text", "food", "label", "negative"))));
        Training run = Training.run(work);
        JsonNode report = Json.MAPPER.readTree(Files.readString(run.directory().resolve("report.json")));

        assertThat(report.path("truncated").asInt()).isEqualTo(1);
        assertThat(report.path("tokens_left_out").asInt()).isEqualTo(20 + 2 - 16);
    }

    @Test
    void windowsOfARowAreOneExampleOfTheReport() throws IOException {
        Map<String, Object> windows = Map.of("task_options", Map.of("multi_label", false, "long_texts", "windows"));
        Path work = ShortRuns.work(directory, "work", windows, Map.of("epochs", 1), ShortRuns.checkpoints(null, 1));
        Files.write(
                work.resolve("test.jsonl"),
                List.of(
                        Json.write(Map.of("text", "food ".repeat(40) + "bread", "label", "positive")),
                        Json.write(Map.of("text", "food", "label", "negative"))));
        Training run = Training.run(work);
        JsonNode report = Json.MAPPER.readTree(Files.readString(run.directory().resolve("report.json")));

        assertThat(run.events("start").get(0).path("test_examples").asInt()).isGreaterThan(2);
        assertThat(report.path("examples").asInt()).isEqualTo(2);
        assertThat(report.path("truncated").asInt()).isZero();
        assertThat(Files.readString(work.resolve("model/config.json"))).contains("\"long_texts\" : \"windows\"");
    }

    private JsonNode tagged(List<String> train, List<String> test, int maxLength) throws IOException {
        Path work = WorkDirectory.create(
                directory.resolve("work"),
                TestModels.shallow(),
                Map.of("epochs", 1, "learning_rate", 5e-4, "max_length", maxLength),
                8);
        WorkDirectory.set(work, "spec.json", TAGS);
        Files.write(work.resolve("train.jsonl"), train);
        Files.write(work.resolve("validation.jsonl"), test);
        Files.write(work.resolve("test.jsonl"), test);
        Training.run(work);
        return Json.MAPPER.readTree(Files.readString(work.resolve("report.json")));
    }

    private static Map<String, Integer> supports(JsonNode report) {
        return report.path("entities")
                .valueStream()
                .collect(java.util.stream.Collectors.toMap(
                        entity -> entity.path("label").asString(),
                        entity -> entity.path("support").asInt()));
    }

    /** The entities in the rows: each is one word. */
    private static Map<String, Integer> gold(List<String> rows) {
        return rows.stream()
                .flatMap(row -> Json.MAPPER.readTree(row).path("tags").valueStream())
                .map(JsonNode::asString)
                .filter(tag -> tag.startsWith("B-"))
                .collect(java.util.stream.Collectors.toMap(tag -> tag.substring(2), tag -> 1, Integer::sum));
    }
}
