package dev.anneal.job.evaluate;

import static dev.anneal.job.evaluate.EvaluationApi.EVALUATIONS;
import static dev.anneal.job.evaluate.EvaluationApi.PREDICTIONS;
import static dev.anneal.job.evaluate.EvaluationApi.id;
import static dev.anneal.job.evaluate.EvaluationApi.lines;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Predictions for the rows of files, and what they have in common with evaluations, by a model with few random weights. */
@ServerTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BatchPredictionTest {
    private static final int ROWS = 60;

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    private EvaluationApi calls;
    private String labelled;
    private JsonNode evaluated;

    @BeforeAll
    void evaluate() throws IOException {
        Path files = TestModels.tiny(TestServer.newDirectory().resolve("tiny"), "negative", "positive");
        calls = new EvaluationApi(api, models.add("tiny", "default", files).getId());
        labelled = api.upload("labelled.jsonl", texts(",\"label\":\"%l\""), Map.of())
                .text("id");
        evaluated = calls.evaluate("\"split\":\"all\"", labelled);
    }

    private static byte[] texts(String fields) {
        return lines(ROWS, "{\"text\":\"a wet and cold day %d\"" + fields + "}");
    }

    @Test
    void aPredictionNeedsNoLabelsAndItsFileHasAllRows() throws IOException {
        String dataset = api.upload("texts.jsonl", texts(""), Map.of("task", "masked-lm"))
                .text("id");

        JsonNode prediction = calls.predict("\"precision\":\"fp32\"", dataset);

        assertThat(prediction.get("rows").asLong()).isEqualTo(ROWS);
        List<CSVRecord> records = EvaluationApi.csv(api.get(PREDICTIONS + "/" + id(prediction) + "/download"));
        List<JsonNode> lines = calls.lines(prediction);
        List<JsonNode> expected = calls.rows(evaluated, 1_000, "");
        assertThat(records).hasSize(ROWS);
        assertThat(lines).hasSize(ROWS);
        for (int i = 0; i < ROWS; i++) {
            assertThat(lines.get(i).get("number")).isEqualTo(expected.get(i).get("number"));
            assertThat(lines.get(i).get("predicted_label"))
                    .isEqualTo(expected.get(i).get("predicted_label"));
            assertThat(records.get(i).get("predicted_label"))
                    .isEqualTo(expected.get(i).get("predicted_label").asString());
            assertThat(Double.parseDouble(records.get(i).get("score_positive")))
                    .isCloseTo(expected.get(i).get("scores").get("positive").asDouble(), within(1e-5));
        }
        assertThat(api.get(PREDICTIONS + "/" + id(prediction) + "/download?format=xml")
                        .code())
                .isEqualTo("unknown_format");
    }

    @Test
    void aFileIsPredictedWithoutAnUploadBeforeAndStaysAsADataset() {
        Answer answer = api.uploadTo(
                PREDICTIONS + "/upload",
                "answers.csv",
                "answer\nfine\nbad weather\n".getBytes(UTF_8),
                Map.of("model", "tiny", "columns", "{\"text\":\"answer\"}", "precision", "fp32"));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);

        JsonNode prediction = calls.await(PREDICTIONS, answer.text("id"));

        assertThat(prediction.get("status").asString()).as("%s", prediction).isEqualTo("succeeded");
        assertThat(calls.lines(prediction).stream().map(row -> row.get("text").asString()))
                .containsExactly("fine", "bad weather");
        JsonNode dataset = api.get(
                        "/api/v1/datasets/" + prediction.get("dataset").asString())
                .json();
        assertThat(dataset.get("name").asString()).isEqualTo("answers.csv");
        assertThat(dataset.get("splits").get("train").asInt()).isEqualTo(2);
    }

    @Test
    void aFileThatCannotBePredictedLeavesNoDatasetIfTheRequestIsWrong() {
        assertThat(upload(Map.of("model", "none")).code()).isEqualTo("unknown_model");
        assertThat(upload(Map.of()).code()).isEqualTo("required");
        assertThat(upload(Map.of("model", "tiny", "precision", "fp8")).code()).isEqualTo("unknown_precision");
        assertThat(upload(Map.of("model", "tiny", "task", "causal-lm")).code()).isEqualTo("unknown_field");
        assertThat(ids("/api/v1/datasets"))
                .noneMatch(id -> api.get("/api/v1/datasets/" + id).text("name").startsWith("wrong"));
        Answer unreadable = api.uploadTo(
                PREDICTIONS + "/upload", "wrong.csv", "x,y\n1,2\n".getBytes(UTF_8), Map.of("model", "tiny"));
        assertThat(unreadable.status()).as("%s", unreadable.json()).isEqualTo(422);
        assertThat(unreadable.code()).isEqualTo("missing_column");
    }

    private Answer upload(Map<String, String> fields) {
        return api.uploadTo(PREDICTIONS + "/upload", "wrong.csv", "text\nfine\n".getBytes(UTF_8), fields);
    }

    @Test
    void aVersionKeepsTheFilesAndTheLinesOfItsRowsAndBothTextsOfAPairAreComputed() {
        byte[] pairs = lines(20, "{\"text\":\"a wet and cold day %d\",\"text_pair\":\"It rains %d.\"}");
        Answer uploaded = api.uploadTo(
                "/api/v1/datasets",
                List.of(
                        new Client.FilePart("file", "one.jsonl", pairs),
                        new Client.FilePart(
                                "file", "two.jsonl", "{\"text\":\"fine\",\"text_pair\":\"Dry.\"}\n".getBytes(UTF_8))),
                Map.of("task", "masked-lm"));
        assertThat(uploaded.status()).as("%s", uploaded.json()).isEqualTo(201);
        String version = EvaluationApi.made(
                        api,
                        "/api/v1/datasets/" + uploaded.text("id") + "/versions",
                        "{\"steps\":[{\"type\":\"strip\"}]}")
                .text("id");

        List<JsonNode> rows = calls.lines(calls.predict("\"precision\":\"fp32\"", version));

        List<JsonNode> alone = calls.rows(evaluated, 1_000, "");
        assertThat(rows).hasSize(21);
        for (int i = 0; i < 20; i++) {
            assertThat(rows.get(i).get("file").asString()).isEqualTo("one.jsonl");
            assertThat(rows.get(i).get("line").asInt()).isEqualTo(i + 1);
            assertThat(rows.get(i).get("text_pair").asString()).isEqualTo("It rains " + i + ".");
            assertThat(rows.get(i).get("scores")).isNotEqualTo(alone.get(i).get("scores"));
        }
        assertThat(rows.get(20).get("file").asString()).isEqualTo("two.jsonl");
        assertThat(rows.get(20).get("line").asInt()).isEqualTo(1);
    }

    @Test
    void jobsEvaluationsAndPredictionsAreSeparateListsAndTheRepeatedRequestOfAKeyMakesOne() {
        String body = calls.body(labelled, "\"split\":\"train\"");
        String prediction =
                api.post(PREDICTIONS, body, "Idempotency-Key", "once").text("id");
        assertThat(api.post(PREDICTIONS, body, "Idempotency-Key", "once").text("id"))
                .isEqualTo(prediction);

        assertThat(ids("/api/v1/jobs")).allMatch(id -> id.startsWith("job_"));
        assertThat(ids(EVALUATIONS)).contains(id(evaluated)).allMatch(id -> id.startsWith("eval_"));
        assertThat(ids(PREDICTIONS)).contains(prediction).allMatch(id -> id.startsWith("pred_"));
        assertThat(ids(EVALUATIONS + "?status=succeeded")).contains(id(evaluated));
        assertThat(ids(EVALUATIONS + "?status=paused")).isEmpty();
        assertThat(api.get("/api/v1/jobs/" + id(evaluated)).status()).isEqualTo(404);
        assertThat(api.get(EVALUATIONS + "/" + prediction).status()).isEqualTo(404);
        assertThat(api.get(PREDICTIONS + "/" + id(evaluated)).status()).isEqualTo(404);

        calls.await(PREDICTIONS, prediction);
        String path = PREDICTIONS + "/" + prediction;
        assertThat(api.post(path + "/cancel").code()).isEqualTo("prediction_has_ended");
        assertThat(api.delete(path).status()).isEqualTo(204);
        assertThat(api.get(path).status()).isEqualTo(404);
        assertThat(api.get(path + "/download").status()).isEqualTo(404);
        assertThat(api.get("/api/v1/models/" + calls.model()).status()).isEqualTo(200);
    }

    private List<String> ids(String path) {
        return api.get(path + (path.contains("?") ? "&" : "?") + "limit=1000")
                .json()
                .get("data")
                .valueStream()
                .map(EvaluationApi::id)
                .toList();
    }

    @Test
    void aPredictionIsRefusedIfTheStorageOfTheProjectIsFull() {
        long used = api.get("/api/v1/projects/default")
                .json()
                .get("usage")
                .get("storage_bytes")
                .asLong();
        limit(String.valueOf(used));
        try {
            assertThat(calls.create("\"split\":\"all\"", labelled).code()).isEqualTo("storage_full");
            assertThat(api.post(PREDICTIONS, calls.body(labelled, "")).code()).isEqualTo("storage_full");
        } finally {
            limit("null");
        }
    }

    private void limit(String bytes) {
        assertThat(api.patch("/api/v1/projects/default", "{\"limits\":{\"max_storage_bytes\":" + bytes + "}}")
                        .status())
                .isEqualTo(200);
    }
}
