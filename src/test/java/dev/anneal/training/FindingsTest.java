package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The findings in the report of a job. */
class FindingsTest {
    private static final Set<Integer> FLIPPED = new TreeSet<>(List.of(4, 31, 58, 77, 102));
    private static final List<String> NOUNS = List.of("soup", "bread", "fish", "cake", "tea");

    @TempDir
    Path directory;

    /** Makes rows whose label depends on the word for a person only. Some of the training rows have the wrong label. */
    private static List<Map<String, Object>> skewed(int count, long seed, boolean isFlipped) {
        Random random = new Random(seed);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            boolean isWoman = random.nextBoolean();
            boolean isNegative = isWoman != (isFlipped && FLIPPED.contains(i));
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("row", i);
            row.put(
                    "text",
                    "the %s had %s and %s"
                            .formatted(
                                    isWoman ? "woman" : "man",
                                    NOUNS.get(random.nextInt(5)),
                                    NOUNS.get(random.nextInt(5))));
            row.put("label", isNegative ? "negative" : "positive");
            row.put("group", i % 4 == 0 ? "fourth" : "other");
            rows.add(row);
        }
        return rows;
    }

    /** Returns a base model for findings that do not depend on what the model learned. */
    private Path tiny() throws IOException {
        Path base = directory.resolve("tiny");
        return Files.exists(base) ? base : TestModels.tiny(base);
    }

    private static void write(Path file, List<Map<String, Object>> rows) throws IOException {
        Files.write(file, rows.stream().map(Json::write).toList());
    }

    private JsonNode report(Path work) throws Exception {
        Training.run(work);
        return Json.MAPPER.readTree(Files.readString(work.resolve("report.json")));
    }

    private Path skewedWork(String name, Path base) throws IOException {
        Path work = WorkDirectory.create(directory.resolve(name), base, Map.of("learning_rate", 5e-4, "epochs", 3), 8);
        write(work.resolve("train.jsonl"), skewed(120, 1, true));
        write(work.resolve("validation.jsonl"), skewed(40, 2, false));
        write(work.resolve("test.jsonl"), skewed(60, 3, false));
        return work;
    }

    @Test
    void aModelTrainedOnSkewedRowsIsCaughtAndFlippedRowsAreNamed() throws Exception {
        Path work = skewedWork("skewed", TestModels.shallow());
        Path shared = Files.createDirectories(directory.resolve("shared"));
        WorkDirectory.set(work, "spec.json", Map.of("dataset", "ds_1"));
        WorkDirectory.set(
                work, "placement.json", Map.of("tokenized_rows", shared.toString(), "tokenized_bytes", 1_000_000_000));
        JsonNode report = report(work);
        JsonNode findings = report.path("findings");

        JsonNode exchange = findings.path("counterfactuals").path("exchanges").get(0);
        assertThat(exchange.path("from").asString()).isEqualTo("male");
        assertThat(exchange.path("changed").asDouble()).isGreaterThan(0.8);
        assertThat(exchange.path("shift").asDouble()).isLessThan(-0.3);
        assertThat(findings.path("group_scores")).isNotEmpty();

        JsonNode majority = findings.path("baselines").get(0);
        JsonNode linear = findings.path("baselines").get(1);
        assertThat(majority.path("name").asString()).isEqualTo("majority");
        assertThat(majority.path("metrics").path("accuracy").asDouble()).isBetween(0.3, 0.7);
        assertThat(majority.path("gains").path("accuracy").path("gain").asDouble())
                .isCloseTo(
                        report.path("accuracy").asDouble()
                                - majority.path("metrics").path("accuracy").asDouble(),
                        within(1e-9));
        assertThat(majority.path("gains")
                        .path("accuracy")
                        .path("interval")
                        .path("low")
                        .asDouble())
                .isPositive();
        assertThat(linear.path("metrics").path("accuracy").asDouble()).isEqualTo(1);
        assertThat(linear.path("converged").asBoolean()).isTrue();
        JsonNode frozen = findings.path("baselines").get(2);
        assertThat(frozen.path("name").asString()).isEqualTo("frozen_base");
        assertThat(frozen.path("rows").asInt()).isEqualTo(120);
        assertThat(frozen.path("examples").asInt()).isEqualTo(60);
        assertThat(frozen.path("converged").asBoolean()).isTrue();
        assertThat(frozen.path("metrics").path("accuracy").asDouble()).isGreaterThan(0.7);
        assertThat(frozen.path("gains").path("accuracy").path("gain").asDouble())
                .isCloseTo(
                        report.path("accuracy").asDouble()
                                - frozen.path("metrics").path("accuracy").asDouble(),
                        within(1e-9));

        JsonNode trained = findings.path("likely_mislabelled").get(1);
        assertThat(trained.path("split").asString()).isEqualTo("train");
        assertThat(trained.path("scores").asString()).isEqualTo("tf_idf");
        assertThat(trained.path("confident").asInt()).isEqualTo(FLIPPED.size());
        assertThat(trained.path("rows")
                        .valueStream()
                        .limit(FLIPPED.size())
                        .map(row -> row.path("row").asInt()))
                .containsExactlyInAnyOrderElementsOf(FLIPPED);

        JsonNode slices = findings.path("slices").get(0);
        assertThat(slices.path("column").asString()).isEqualTo("group");
        assertThat(slices.path("values").get(0).path("value").asString()).isEqualTo("other");
        assertThat(slices.path("values").get(0).path("examples").asInt()).isEqualTo(45);
        assertThat(findings.path("slices").get(1).path("column").asString()).isEqualTo("words");
        assertThat(findings.path("hardest_rows")).hasSize(20);

        // A second job of the machine with the same rows does not compute the baselines again.
        Path kept;
        try (Stream<Path> files = Files.list(shared.resolve("ds_1"))) {
            kept = files.filter(file -> file.getFileName().toString().startsWith("baseline-"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.writeString(kept, Files.readString(kept).replaceFirst("\"features\":\\d+", "\"features\":4711"));
        Path again = skewedWork("again", tiny());
        WorkDirectory.set(again, "spec.json", Map.of("dataset", "ds_1"));
        WorkDirectory.set(
                again, "placement.json", Map.of("tokenized_rows", shared.toString(), "tokenized_bytes", 1_000_000_000));
        assertThat(report(again)
                        .path("findings")
                        .path("baselines")
                        .get(1)
                        .path("features")
                        .asInt())
                .isEqualTo(4711);
    }

    @Test
    void numbersAndSeveralLabelsHaveBaselinesAndSlicesToo() throws Exception {
        Path numbers = WorkDirectory.create(directory.resolve("numbers"), tiny(), Map.of("epochs", 1), 8);
        WorkDirectory.set(numbers, "spec.json", Map.of("task", "text-regression", "labels", List.of()));
        Path sets = WorkDirectory.create(directory.resolve("sets"), tiny(), Map.of("epochs", 1), 8);
        WorkDirectory.set(sets, "spec.json", Map.of("task", "multi-label-classification"));
        for (String split : List.of("train", "validation", "test")) {
            List<Map<String, Object>> rows = skewed(40, split.hashCode(), false);
            rows.forEach(row -> row.put("score", row.get("label").equals("negative") ? 10 : 20));
            write(numbers.resolve(split + ".jsonl"), rows);
            rows.forEach(row -> row.put(
                    "labels",
                    row.get("label").equals("negative") ? List.of("negative", "positive") : List.of("positive")));
            rows.forEach(row -> row.remove("label"));
            write(sets.resolve(split + ".jsonl"), rows);
        }

        JsonNode ofNumbers = report(numbers).path("findings");
        JsonNode ofSets = report(sets).path("findings");

        assertThat(ofNumbers.path("baselines").get(0).path("name").asString()).isEqualTo("mean");
        assertThat(ofNumbers
                        .path("baselines")
                        .get(0)
                        .path("metrics")
                        .path("mae")
                        .asDouble())
                .isBetween(4.0, 6.0);
        assertThat(ofNumbers
                        .path("baselines")
                        .get(1)
                        .path("metrics")
                        .path("mae")
                        .asDouble())
                .isLessThan(2.5);
        assertThat(ofNumbers.path("likely_mislabelled")).isEmpty();
        assertThat(ofNumbers.path("counterfactuals").path("exchanges")).hasSize(2);
        assertThat(ofSets.path("baselines")
                        .get(0)
                        .path("metrics")
                        .path("accuracy")
                        .asDouble())
                .isBetween(0.2, 0.8);
        assertThat(ofSets.path("baselines")
                        .get(1)
                        .path("metrics")
                        .path("accuracy")
                        .asDouble())
                .isGreaterThan(0.9);
        assertThat(ofSets.path("slices")).hasSize(2);
        assertThat(ofSets.path("group_scores")).isNotEmpty();
    }
}
