package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.ClassificationReport;
import dev.anneal.files.GzipLines;
import dev.anneal.json.Json;
import dev.anneal.spec.EvaluationSpec;
import dev.anneal.training.process.Placement;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Evaluations and predictions in a child process with little heap, on a tiny model. */
class EvaluationProcessTest {
    private static final int MANY = 100_000;

    /** An evaluation reads rows in parts of 20,000. */
    private static final int TWO_PARTS = 21_000;

    @TempDir
    Path directory;

    private Path model;

    @BeforeEach
    void make() throws IOException {
        model = TestModels.tiny(directory.resolve("model"), "bad", "fair", "good");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHundredThousandRowsNeedLittleHeapAndComeOutInTheirOrder(boolean isLabelled) throws Exception {
        Path work = work("work", MANY, isLabelled);

        TrainerProcess process = TrainerProcess.start(work, Map.of(), "64m");
        process.process().waitFor();

        assertThat(process.exitCode()).as(process.lastError()).isZero();
        List<JsonNode> progress = process.events("progress");
        JsonNode last = progress.get(progress.size() - 1);
        assertThat(last.path("examples_done").asInt()).isEqualTo(MANY);
        assertThat(last.path("percent").asDouble()).isEqualTo(100);
        assertThat(progress.stream().map(event -> event.path("percent").asDouble()))
                .isSorted();
        List<JsonNode> rows = rows(work);
        assertThat(rows).hasSize(MANY);
        int right = 0;
        for (int i = 0; i < MANY; i++) {
            JsonNode row = rows.get(i);
            assertThat(row.path("number").asInt()).isEqualTo(i + 1);
            assertThat(row.path("text").asString()).isEqualTo(text(i));
            right += row.path("right").asBoolean(false) ? 1 : 0;
        }
        assertThat(Files.exists(work.resolve(WorkFiles.REPORT))).isEqualTo(isLabelled);
        if (isLabelled) {
            ClassificationReport report =
                    Json.read(Files.readString(work.resolve(WorkFiles.REPORT)), ClassificationReport.class);
            assertThat(report.examples()).isEqualTo(MANY);
            assertThat(report.accuracy()).isEqualTo((double) right / MANY);
        }
    }

    @Test
    void aKilledEvaluationContinuesAfterItsCheckpointToTheSameBytes() throws Exception {
        Path whole = work("whole", TWO_PARTS, true);
        assertThat(TrainerProcess.run(whole).exitCode()).isZero();
        Path killed = work("killed", TWO_PARTS, true);
        WorkDirectory.set(killed, "spec.json", Map.of("checkpoints", Map.of("every_seconds", 0.1, "keep", 2)));
        TrainerProcess process = TrainerProcess.start(killed, Map.of());
        process.await("\"type\":\"checkpoint\"");
        process.process().destroyForcibly().waitFor();
        assertThat(process.events("done")).isEmpty();
        List<JsonNode> checkpoints = process.events("checkpoint");
        JsonNode last = checkpoints.get(checkpoints.size() - 1);
        String checkpoint = killed.resolve("checkpoints")
                .resolve(last.path("path").asString())
                .toString();

        Path resumed = work("resumed", TWO_PARTS, true);
        WorkDirectory.set(
                resumed, "placement.json", Map.of("earlier_checkpoints", List.of("/does/not/exist", checkpoint)));
        TrainerProcess second = TrainerProcess.run(resumed);

        assertThat(second.exitCode()).as(second.lastError()).isZero();
        assertThat(second.events("log").toString())
                .contains("%,d batches were computed by an earlier attempt"
                        .formatted(last.path("step").asInt()));
        assertThat(resumed.resolve("report.json")).hasSameBinaryContentAs(whole.resolve("report.json"));
        assertThat(resumed.resolve("result/predictions.jsonl.gz"))
                .hasSameBinaryContentAs(whole.resolve("result/predictions.jsonl.gz"));
    }

    @Test
    void aRowForWhichTheModelComputesNoNumberFailsTheEvaluationByItsNumber() throws Exception {
        Path weights = model.resolve(HuggingFaceFiles.WEIGHTS);
        int token;
        try (Predictor predictor = Predictor.load(model, "cpu")) {
            token = predictor.encode("3", null).ids()[1];
        }
        var tensors = new TreeMap<>(Safetensors.read(weights));
        tensors.computeIfPresent("bert.embeddings.word_embeddings.weight", (name, old) -> {
            ByteBuffer numbers =
                    ByteBuffer.allocate(old.bytes().get().remaining()).order(ByteOrder.LITTLE_ENDIAN);
            numbers.put(old.bytes().get()).flip();
            int width = Math.toIntExact(old.shape()[1]);
            for (int i = 0; i < width; i++) {
                numbers.putFloat(4 * (token * width + i), i % 2 == 0 ? 3e38f : -3e38f);
            }
            return new StoredTensor(old.dtype(), old.shape(), numbers::rewind);
        });
        Safetensors.write(weights, tensors);

        for (boolean isLabelled : new boolean[] {true, false}) {
            assertThat(Training.fail(work("broken" + isLabelled, 9, isLabelled)).message())
                    .contains("infinite or not a number for row 4 of the rows");
        }
    }

    @Test
    void aPredictionForARowDoesNotDependOnTheOtherRows() throws Exception {
        Path few = work("few", 300, false);
        Path more = work("more", 900, false);
        assertThat(TrainerProcess.run(few).exitCode()).isZero();
        assertThat(TrainerProcess.run(more).exitCode()).isZero();

        List<JsonNode> first = rows(few);
        List<JsonNode> second = rows(more);
        for (int i = 0; i < first.size(); i++) {
            assertThat(first.get(i).path("predicted_label"))
                    .isEqualTo(second.get(i).path("predicted_label"));
        }
    }

    private static List<JsonNode> rows(Path work) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        new GzipLines(work.resolve(WorkFiles.RESULT)).forEachAfter(0, line -> {
            rows.add(Json.MAPPER.readTree(line));
            return true;
        });
        return rows;
    }

    private static String text(int row) {
        return "good ".repeat(1 + row * 7 % 13) + row;
    }

    private Path work(String name, int count, boolean isLabelled) throws IOException {
        Path work = WorkDirectory.create(directory.resolve(name), model, Map.of(), 1);
        WorkDirectory.set(
                work,
                "spec.json",
                Map.of(
                        "labels",
                        List.of("bad", "fair", "good"),
                        "evaluation",
                        new EvaluationSpec(null, count, isLabelled, Map.of())));
        WorkDirectory.set(
                work,
                "placement.json",
                Json.read(
                        Json.write(new Placement(model.toString(), "cpu", 2, "fp32", null, List.of(), null, 0)),
                        Map.class));
        try (BufferedWriter out = Files.newBufferedWriter(work.resolve("all.jsonl"))) {
            for (int i = 0; i < count; i++) {
                out.write(Json.write(
                        Map.of("row", i + 1, "split", "test", "line", i + 2, "text", text(i), "label", "fair")));
                out.newLine();
            }
        }
        return work;
    }
}
