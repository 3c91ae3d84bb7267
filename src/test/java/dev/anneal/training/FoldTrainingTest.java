package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.files.GzipLines;
import dev.anneal.json.Json;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.TestModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Jobs that also train a model for each fold of their training rows. */
class FoldTrainingTest {
    private static final List<String> GOOD = List.of("delicious", "great", "lovely", "perfect", "tasty");
    private static final List<String> BAD = List.of("awful", "terrible", "cold", "bland", "disgusting");
    private static final Set<Integer> FLIPPED = new TreeSet<>(List.of(4, 31, 58, 77, 102));

    @TempDir
    Path directory;

    private Path work(String name, int folds, Map<String, Object> checkpoints) throws IOException {
        return ShortRuns.work(directory, name, Map.of("folds", folds), Map.of(), checkpoints);
    }

    private static JsonNode report(Path work) throws IOException {
        return Json.MAPPER.readTree(Files.readString(work.resolve("report.json")));
    }

    private static List<JsonNode> predictions(Path work) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        new GzipLines(work.resolve("result"))
                .forEachAfter(Long.MIN_VALUE, line -> rows.add(Json.MAPPER.readTree(line)));
        return rows;
    }

    private static void write(Path file, int count, IntFunction<Map<String, Object>> row) throws IOException {
        Files.write(
                file,
                IntStream.rangeClosed(1, count)
                        .mapToObj(i -> {
                            Map<String, Object> all = new LinkedHashMap<>(Map.of("row", i));
                            all.putAll(row.apply(i));
                            return Json.write(all);
                        })
                        .toList());
    }

    private static Map<String, Object> opinion(int i) {
        boolean isGood = i % 2 == 0;
        String text = "dish %d was %s".formatted(i, (isGood ? GOOD : BAD).get(i / 2 % 5));
        return Map.of("text", text, "label", isGood != FLIPPED.contains(i) ? "positive" : "negative");
    }

    @Test
    void flippedLabelsAreNamedByTheModelsOfTheFolds() throws Exception {
        Path work = WorkDirectory.create(
                directory.resolve("flipped"), TestModels.shallow(), Map.of("learning_rate", 5e-4, "epochs", 3), 8);
        WorkDirectory.set(work, "spec.json", Map.of("folds", 3));
        write(work.resolve("train.jsonl"), 120, FoldTrainingTest::opinion);

        Training.run(work);

        JsonNode found =
                report(work).path("findings").path("likely_mislabelled").get(1);
        assertThat(found.path("split").asString()).isEqualTo("train");
        assertThat(found.path("scores").asString()).isEqualTo("folds");
        assertThat(found.path("examined").asInt()).isEqualTo(120);
        assertThat(found.path("rows")
                        .valueStream()
                        .limit(FLIPPED.size())
                        .map(row -> row.path("row").asInt()))
                .containsExactlyInAnyOrderElementsOf(FLIPPED);
    }

    @Test
    void theFrozenLayersComputeTheRowsOnceForAllFoldsAndTheModelIsTheSame() throws Exception {
        List<byte[]> models = new ArrayList<>();
        for (Integer folds : List.of(3, 0)) {
            Path work = WorkDirectory.create(
                    directory.resolve("frozen-" + folds),
                    TestModels.shallow(),
                    Map.of("learning_rate", 5e-3, "epochs", 1),
                    8);
            WorkDirectory.set(work, "spec.json", Map.of("method", Map.of("type", "head")));
            if (folds > 0) {
                WorkDirectory.set(work, "spec.json", Map.of("folds", folds));
            }
            write(work.resolve("train.jsonl"), 40, FoldTrainingTest::opinion);
            Training run = Training.run(work);

            assertThat(run.events("log").stream()
                            .map(event -> event.path("message").asString())
                            .filter(message -> message.startsWith("The frozen layers computed all rows once")))
                    .hasSize(1);
            assertThat(run.events("log").toString())
                    .contains("The frozen layers compute all ", " examples before the first step.");
            if (folds > 0) {
                assertThat(report(work).path("cross_validation").path("folds").asInt())
                        .isEqualTo(folds);
            }
            models.add(Files.readAllBytes(work.resolve("model").resolve("model.safetensors")));
        }
        assertThat(models.get(0)).isEqualTo(models.get(1));
    }

    @Test
    void theMetricsAreThoseOfThePredictionsOfEachFold() throws Exception {
        Path work = ShortRuns.work(
                directory, "metrics", Map.of("folds", 4), Map.of("eval_steps", 2), ShortRuns.checkpoints(null, 2));
        Training run = Training.run(work);

        JsonNode spread = report(work).path("cross_validation");
        List<JsonNode> rows = predictions(work);
        assertThat(spread.path("folds").asInt()).isEqualTo(4);
        assertThat(spread.path("examples").asInt()).isEqualTo(25);
        assertThat(rows).hasSize(25);
        Map<Integer, List<JsonNode>> folds = new TreeMap<>();
        rows.forEach(row -> folds.computeIfAbsent(row.path("fold").asInt(), fold -> new ArrayList<>())
                .add(row));
        assertThat(folds.keySet()).containsExactly(1, 2, 3, 4);
        JsonNode values = spread.path("metrics").path("accuracy").path("values");
        double sum = 0;
        for (int fold = 1; fold <= 4; fold++) {
            double accuracy = folds.get(fold).stream()
                    .mapToDouble(row -> row.path("right").asBoolean() ? 1 : 0)
                    .average()
                    .orElseThrow();
            assertThat(values.get(fold - 1).asDouble()).isCloseTo(accuracy, within(1e-9));
            sum += accuracy;
        }
        assertThat(spread.path("metrics").path("accuracy").path("mean").asDouble())
                .isCloseTo(sum / 4, within(1e-9));
        assertThat(run.events("epoch")).as("those of the job's model only").hasSize(3);
        assertThat(run.events("validation").stream()
                        .map(event -> event.path("step").asInt()))
                .containsExactly(2, 4, 6, 8, 12, 14);
        assertThat(run.events("start")).hasSize(1);
        assertThat(run.events("checkpoint").stream()
                        .filter(event -> event.path("reason").asString().equals("part"))
                        .map(event -> event.path("epoch").asInt()))
                .containsExactly(1, 2, 3, 4);
        List<Double> percents = run.events("step").stream()
                .map(event -> event.path("percent").asDouble())
                .toList();
        assertThat(percents).isSorted().last().isEqualTo(100.0);
        assertThat(run.events("step").get(0).path("phase").asString()).isEqualTo("fold 1 of 4");
        assertThat(work.resolve("part")).doesNotExist();
    }

    @Test
    void aJobWithFoldsTrainsTheSameModelAsOneWithout() throws Exception {
        Training with = Training.run(work("with", 3, ShortRuns.checkpoints(null, 2)));
        Training without =
                Training.run(ShortRuns.work(directory, "without", Map.of(), Map.of(), ShortRuns.checkpoints(null, 2)));

        ResumeTest.assertSame(with, without);
        JsonNode report = report(without.directory());
        assertThat(report.has("cross_validation")).isFalse();
        assertThat(report(with.directory()).path("accuracy")).isEqualTo(report.path("accuracy"));
    }

    @Test
    void aStoppedRunContinuesAfterTheFoldsThatAreDone() throws Exception {
        Training whole = Training.run(work("whole", 3, ShortRuns.checkpoints(null, 2)));
        Path stopped = work("stopped", 3, ShortRuns.checkpoints(null, 2));
        StopRequest stop = new StopRequest();
        PrintStream events = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                if (line.contains("\"phase\":\"fold 3 of 3\"")) {
                    stop.request();
                }
            }
        };
        assertThatThrownBy(() -> new Trainer(stopped, new EventStream(events), stop).train())
                .isInstanceOf(StopRequest.Stopped.class);

        Map<String, Object> from = ShortRuns.checkpoints(null, 2);
        from.put("from", List.of(stopped.resolve("checkpoints/parts-2").toString()));
        Training resumed = Training.run(work("resumed", 3, from));

        assertSameFolds(resumed, whole);
        assertThat(trained(resumed)).containsExactly("fold 3 of 3");
        assertThat(resumed.events("log").toString())
                .contains("2 of 3 models on parts of the rows were trained by an earlier attempt");
        assertThat(resumed.events("log").toString()).doesNotContain("Skipped the checkpoint");
    }

    @Test
    void aRunThatIsInterruptedAfterItsFoldsTrainsNoneAgain() throws Exception {
        Training whole = Training.run(work("whole", 3, ShortRuns.checkpoints(1, 100)));

        Training resumed = Training.run(work("resumed", 3, ShortRuns.checkpointsFrom(whole.directory(), 7)));

        assertThat(resumed.events("start").get(0).path("resumed_from_step").asInt())
                .isEqualTo(7);
        assertThat(trained(resumed)).isEmpty();
        assertSameFolds(resumed, whole);
    }

    @Test
    void scoresThatAreDamagedOrOfOtherFoldsAreComputedAgain() throws Exception {
        Training whole = Training.run(work("whole", 3, ShortRuns.checkpoints(null, 2)));
        Path folds = whole.directory().resolve("checkpoints/parts-3");
        Files.write(folds.resolve("parts/fold-2.bin"), new byte[8]);
        Map<String, Object> from = ShortRuns.checkpoints(null, 2);
        from.put("from", List.of(folds.toString()));

        Training resumed = Training.run(work("resumed", 3, new HashMap<>(from)));
        Training others = Training.run(work("others", 2, new HashMap<>(from)));

        assertThat(trained(resumed)).containsExactly("fold 2 of 3");
        assertSameFolds(resumed, whole);
        assertThat(trained(others)).containsExactly("fold 1 of 2", "fold 2 of 2");
    }

    private static List<String> trained(Training run) {
        return run.events("step").stream()
                .filter(event -> event.hasNonNull("phase"))
                .map(event -> event.path("phase").asString())
                .distinct()
                .toList();
    }

    private static void assertSameFolds(Training resumed, Training whole) throws IOException {
        ResumeTest.assertSame(resumed, whole);
        assertThat(report(resumed.directory()).path("cross_validation"))
                .isEqualTo(report(whole.directory()).path("cross_validation"));
        assertThat(predictions(resumed.directory())).isEqualTo(predictions(whole.directory()));
    }

    @Test
    void withoutOtherRowsTheReportIsOnTheTrainingRowsByTheModelsOfTheFolds() throws Exception {
        Path work = work("alone", 3, ShortRuns.checkpoints(null, 2));
        Files.delete(work.resolve("validation.jsonl"));
        Files.delete(work.resolve("test.jsonl"));
        Path rows = work.resolve("train.jsonl");
        Files.writeString(rows, Files.readString(rows).replace("\"text\":\"", "\"text\":\"he says: "));

        Training run = Training.run(work);

        JsonNode report = report(work);
        assertThat(report.path("split").asString()).isEqualTo("train");
        assertThat(report.path("examples").asInt()).isEqualTo(25);
        assertThat(report.path("accuracy").asDouble())
                .isCloseTo(
                        predictions(work).stream()
                                .mapToDouble(row -> row.path("right").asBoolean() ? 1 : 0)
                                .average()
                                .orElseThrow(),
                        within(1e-9));
        JsonNode findings = report.path("findings");
        assertThat(findings.path("baselines")).isEmpty();
        assertThat(findings.path("likely_mislabelled")).hasSize(1);
        assertThat(findings.path("counterfactuals").isNull())
                .as("the model of the job and those of the folds are not compared")
                .isTrue();
        assertThat(findings.path("left_out").toString()).contains("There are no counterfactuals");
        assertThat(run.events("done").get(0).path("test_metrics").isNull()).isTrue();
    }

    @Test
    void rowsOfAGroupStayTogetherAndTooFewGroupsAreRefused() throws Exception {
        Path work = work("groups", 3, ShortRuns.checkpoints(null, 2));
        write(work.resolve("train.jsonl"), 24, i -> {
            Map<String, Object> row = new LinkedHashMap<>(opinion(i));
            row.put("group", "author " + i % 4);
            return row;
        });
        Training.run(work);
        Map<Integer, Set<Integer>> folds = new TreeMap<>();
        predictions(work)
                .forEach(row -> folds.computeIfAbsent(row.path("number").asInt() % 4, group -> new TreeSet<>())
                        .add(row.path("fold").asInt()));
        assertThat(folds.values()).hasSize(4).allMatch(of -> of.size() == 1);

        Path few = work("few", 5, ShortRuns.checkpoints(null, 2));
        Files.copy(
                work.resolve("train.jsonl"),
                few.resolve("train.jsonl"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> Training.run(few))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("there are only 4 groups")
                .hasMessageContaining("Lower 'folds'");
    }

    @Test
    void numbersAndSeveralLabelsHaveFoldsToo() throws Exception {
        Random random = new Random(1);
        Path numbers = work("numbers", 3, ShortRuns.checkpoints(null, 2));
        WorkDirectory.set(
                numbers, "spec.json", Map.of("task", "text-regression", "labels", List.of(), "best_metric", "loss"));
        Path sets = work("sets", 3, ShortRuns.checkpoints(null, 2));
        WorkDirectory.set(sets, "spec.json", Map.of("task", "multi-label-classification"));
        for (String split : List.of("train", "validation", "test")) {
            write(numbers.resolve(split + ".jsonl"), 21, i -> Map.of("text", "dish " + i, "score", random.nextInt(9)));
            write(
                    sets.resolve(split + ".jsonl"),
                    21,
                    i -> Map.of(
                            "text",
                            "dish " + i,
                            "labels",
                            i % 3 == 0 ? List.of() : List.of(i % 2 == 0 ? "positive" : "negative")));
        }

        Training.run(numbers);
        Training.run(sets);

        assertThat(report(numbers)
                        .path("cross_validation")
                        .path("metrics")
                        .path("mae")
                        .path("values"))
                .hasSize(3);
        assertThat(predictions(numbers)).hasSize(21).allMatch(row -> row.hasNonNull("predicted_score"));
        assertThat(report(numbers).path("findings").path("likely_mislabelled")).isEmpty();
        assertThat(report(sets)
                        .path("cross_validation")
                        .path("metrics")
                        .path("f1_micro")
                        .path("values"))
                .hasSize(3);
        assertThat(predictions(sets))
                .hasSize(21)
                .allMatch(row -> row.path("predicted_labels").isArray());
    }

    @Test
    void aDataCurveHasModelsOfPartsThatContainEachOther() throws Exception {
        Path work = ShortRuns.work(
                directory, "curve", Map.of("data_curve", true, "folds", 2), Map.of(), ShortRuns.checkpoints(null, 2));
        write(work.resolve("train.jsonl"), 60, FoldTrainingTest::opinion);

        Training run = Training.run(work);

        JsonNode curve = report(work).path("data_curve");
        assertThat(curve.path("split").asString()).isEqualTo("test");
        assertThat(curve.path("metric").asString()).isEqualTo("accuracy");
        assertThat(curve.path("points")
                        .valueStream()
                        .map(point -> point.path("rows").asInt()))
                .containsExactly(6, 15, 30, 60);
        assertThat(curve.path("points").get(3).path("metrics").path("accuracy"))
                .isEqualTo(report(work).path("accuracy"));
        assertThat(curve.path("verdict").asString()).isIn("more_rows_help", "enough_rows", "unknown");
        assertThat(curve.path("message").asString()).startsWith("From half of the training rows to all of them");
        assertThat(trained(run))
                .containsExactly(
                        "fold 1 of 2", "fold 2 of 2", "10 % of the rows", "25 % of the rows", "50 % of the rows");
        double half =
                curve.path("points").get(2).path("metrics").path("accuracy").asDouble();
        assertThat(curve.path("gain").path("gain").asDouble())
                .isCloseTo(report(work).path("accuracy").asDouble() - half, within(1e-9));
    }
}
