package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.testing.Cases;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A regression learns numbers of any size, and its files compute them in their own unit. */
class TargetScaleTest {
    private static final Map<String, Object> REGRESSION = Map.of("task", "text-regression", "labels", List.of());

    @TempDir
    Path directory;

    @Test
    void numbersAroundAHundredThousandAreLearned() throws IOException {
        List<String> rows = Files.readAllLines(Cases.of("regression-large.csv")).stream()
                .skip(1)
                .map(line -> line.split(","))
                .map(row -> row(row[0], Double.parseDouble(row[1])))
                .toList();
        Path work = WorkDirectory.create(
                directory.resolve("large"), TestModels.shallow(), Map.of("epochs", 4, "learning_rate", 5e-4), 8);
        WorkDirectory.set(work, "spec.json", REGRESSION);
        write(work, rows.subList(0, 90), rows.subList(90, 120));

        Training run = Training.run(work);

        JsonNode test = run.events("done").get(0).path("test_metrics");
        assertThat(test.path("r2").asDouble()).isGreaterThan(0.9);
        JsonNode last = run.events("epoch").get(3);
        assertThat(last.path("train_loss").asDouble())
                .as("in the unit of the data")
                .isGreaterThan(1000);
        assertThat(last.path("rmse").asDouble()).isBetween(1.0, 10_000.0);
        try (Predictor published = Predictor.load(work.resolve("model"), "cpu")) {
            float warm = published.scores(List.of(published.encode("warm tea 0", null)))
                    .get(0)[0];
            assertThat(warm).isBetween(130_000f, 170_000f);
        }
    }

    @Test
    void aResumedRunIsTheSameToTheByte() throws Exception {
        Training whole = run("whole", ShortRuns.checkpoints(null, 2), numbers(1e5, 1e4));
        Training kept = run("kept", ShortRuns.checkpoints(1, 100), numbers(1e5, 1e4));
        ResumeTest.assertSame(kept, whole);
        for (int step : List.of(2, 5)) {
            Training resumed =
                    run("from-" + step, ShortRuns.checkpointsFrom(kept.directory(), step), numbers(1e5, 1e4));
            ResumeTest.assertSame(resumed, whole);
        }
    }

    @Test
    void aCheckpointWithoutTheScaleIsNotResumed() throws Exception {
        Training kept = run("kept", ShortRuns.checkpoints(1, 100), numbers(0, 1));
        try (var files = Files.walk(kept.directory().resolve("checkpoints"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
                var tensors = dev.anneal.transformer.weights.Safetensors.read(file);
                if (tensors.remove("weight.score.mean") != null) {
                    dev.anneal.transformer.weights.Safetensors.write(file, tensors);
                }
            }
        }
        Training again = run("again", ShortRuns.checkpointsFrom(kept.directory(), 5), numbers(0, 1));
        assertThat(again.events("start").get(0).path("resumed_from_step").isNull())
                .isTrue();
    }

    @Test
    void equalNumbersAreLearnedTooAndAreReportedAsTheRowsHaveThem() throws Exception {
        Training run = run("equal", ShortRuns.checkpoints(null, 2), numbers(-70_000.1, 0));
        assertThat(run.events("done").get(0).path("test_metrics").path("rmse").asDouble())
                .isLessThan(10);
        assertThat(Files.readAllLines(run.directory().resolve(WorkFiles.PREDICTIONS)))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(
                                Json.MAPPER.readTree(line).path("score").asDouble())
                        .isEqualTo(-70_000.1));
    }

    @Test
    void trainingContinuesFromTheNumbersOfTheBaseModel() throws Exception {
        Training first = run("first", ShortRuns.checkpoints(null, 2), numbers(1e5, 1e4));
        Path base = first.directory().resolve("model");
        List<String> rows = numbers(5e5, 100);
        Path work = WorkDirectory.create(
                directory.resolve("second"),
                base,
                Map.of("epochs", 1, "learning_rate", 1e-12, "max_length", 16, "weight_decay", 0.0),
                8);
        WorkDirectory.set(work, "spec.json", REGRESSION);
        write(work, rows, rows);
        Training.run(work);

        try (Predictor before = Predictor.load(base, "cpu");
                Predictor after = Predictor.load(work.resolve("model"), "cpu")) {
            for (String text : List.of("text 3", "text 20")) {
                float expected =
                        before.scores(List.of(before.encode(text, null))).get(0)[0];
                assertThat(after.scores(List.of(after.encode(text, null))).get(0)[0])
                        .isCloseTo(expected, within(1f));
            }
        }
    }

    private Training run(String name, Map<String, Object> checkpoints, List<String> rows) throws IOException {
        Path work = ShortRuns.work(directory, name, REGRESSION, Map.of(), checkpoints);
        write(work, rows, rows.subList(0, 10));
        return Training.run(work);
    }

    private static List<String> numbers(double from, double step) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            rows.add(row("text " + i, from + i % 5 * step));
        }
        return rows;
    }

    private static String row(String text, double score) {
        return Json.write(Map.of("text", text, "score", score));
    }

    private static void write(Path work, List<String> train, List<String> others) throws IOException {
        Files.write(work.resolve("train.jsonl"), train);
        Files.write(work.resolve("validation.jsonl"), others);
        Files.write(work.resolve("test.jsonl"), others);
    }
}
