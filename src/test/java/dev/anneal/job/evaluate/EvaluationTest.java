package dev.anneal.job.evaluate;

import static dev.anneal.job.evaluate.EvaluationApi.EVALUATIONS;
import static dev.anneal.job.evaluate.EvaluationApi.id;
import static dev.anneal.job.evaluate.EvaluationApi.made;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Evaluations of a trained model through the API alone: real weights, real rows, real processes. */
@ServerTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EvaluationTest {
    private static final int ROWS = 120;

    @Autowired
    Api api;

    private EvaluationApi evaluations;
    private String dataset;
    private JsonNode job;
    private JsonNode evaluated;
    private List<JsonNode> rows;

    @BeforeAll
    void train() {
        dataset = api.upload("reviews.csv", Reviews.csv(ROWS), Map.of()).text("id");
        job = api.await(made(
                        api,
                        "/api/v1/jobs",
                        "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"%s\",\"hyperparameters\":{\"epochs\":3,\"batch_size\":8,\"learning_rate\":1e-4,\"max_length\":32,\"precision\":\"fp32\"}}"
                                .formatted(dataset))
                .text("id"));
        evaluations = new EvaluationApi(api, job.get("model").asString());
        evaluated = evaluations.evaluate("\"split\":\"all\"", dataset);
        rows = evaluations.rows(evaluated, 7, "");
        assertThat(rows.stream().map(row -> row.get("predicted_label").asString()))
                .contains("positive", "negative");
        assertThat(rows.stream().map(row -> row.get("right").asBoolean())).contains(true, false);
    }

    @Test
    void anEvaluationOfTheTestRowsHasTheReportOfTheJobThatTrainedTheModel() {
        JsonNode evaluation = evaluations.evaluate("", dataset);

        assertThat(evaluation.get("split").asString()).isEqualTo("test");
        assertThat(evaluation.get("precision").asString()).isEqualTo("fp32");
        assertThat(evaluation.get("metrics")).isEqualTo(job.get("test_metrics"));
        JsonNode expected = api.get("/api/v1/jobs/" + id(job) + "/report").json();
        JsonNode report = evaluations.report(evaluation);
        for (String field : List.of("examples", "loss", "accuracy", "f1_macro", "labels", "confusion_matrix")) {
            assertThat(report.get(field)).as(field).isEqualTo(expected.get(field));
        }
        List<JsonNode> baselines = new ArrayList<>();
        expected.get("findings").get("baselines").forEach(baselines::add);
        assertThat(baselines.remove(2).get("name").asString())
                .as("only a job has its base model")
                .isEqualTo("frozen_base");
        assertThat(report.get("findings").get("baselines")).containsExactlyElementsOf(baselines);
        for (String field : List.of("slices", "likely_mislabelled", "group_scores")) {
            assertThat(report.get("findings").get(field))
                    .as(field)
                    .isEqualTo(expected.get("findings").get(field));
        }
        assertThat(expected.get("job")).isEqualTo(job.get("id"));
        assertThat(report.get("evaluation")).isEqualTo(evaluation.get("id"));
    }

    @Test
    void thePredictionsOfAllRowsGiveTheConfusionMatrixAndAreThoseOfTheServedModel() {
        assertThat(rows).hasSize(ROWS);
        int[][] counts = new int[2][2];
        List<String> labels = List.of("negative", "positive");
        List<String> texts = new ArrayList<>();
        for (JsonNode row : rows) {
            int label = labels.indexOf(row.get("label").asString());
            int predicted = labels.indexOf(row.get("predicted_label").asString());
            counts[label][predicted]++;
            assertThat(row.get("right").asBoolean()).isEqualTo(label == predicted);
            texts.add(row.get("text").asString());
        }
        assertThat(evaluations.report(evaluated).get("confusion_matrix").toString())
                .isEqualTo(Json.write(counts));
        JsonNode served = api.post(
                        "/api/v1/models/" + evaluations.model() + "/predict", Json.write(Map.of("inputs", texts)))
                .json()
                .get("predictions");
        for (int i = 0; i < ROWS; i++) {
            assertThat(served.get(i).get("label")).isEqualTo(rows.get(i).get("predicted_label"));
            assertThat(served.get(i).get("scores").get("positive").asDouble())
                    .isCloseTo(rows.get(i).get("scores").get("positive").asDouble(), within(1e-5));
        }
    }

    @Test
    void eachRowHasItsNumberItsLineInTheFileAndItsSplit() throws IOException {
        JsonNode listed = api.get("/api/v1/datasets/" + dataset + "/rows?limit=1000")
                .json()
                .get("data");
        List<Long> lines = new ArrayList<>();
        try (var csv = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .get()
                .parse(new StringReader(new String(Reviews.csv(ROWS), UTF_8)))) {
            long line = 2; // after the header
            for (CSVRecord record : csv) {
                lines.add(line);
                line = csv.getCurrentLineNumber() + 1;
                assertThat(record.size()).isGreaterThan(1);
            }
        }

        for (int i = 0; i < ROWS; i++) {
            JsonNode row = rows.get(i);
            assertThat(row.get("number")).isEqualTo(listed.get(i).get("number"));
            assertThat(row.get("split")).isEqualTo(listed.get(i).get("split"));
            assertThat(row.get("text")).isEqualTo(listed.get(i).get("text"));
            assertThat(row.get("line").asLong()).as("row %d", i).isEqualTo(lines.get(i));
            assertThat(row.has("file")).isFalse();
        }
    }

    @Test
    void filtersFindRightAndWrongRowsAndThoseOfALabelOnPagesOfAnySize() {
        for (String filter : List.of(
                "outcome=right",
                "outcome=wrong",
                "label=positive",
                "predicted=negative",
                "outcome=wrong&label=negative")) {
            List<JsonNode> expected = rows.stream()
                    .filter(row -> !filter.contains("outcome=right")
                            || row.get("right").asBoolean())
                    .filter(row -> !filter.contains("outcome=wrong")
                            || !row.get("right").asBoolean())
                    .filter(row -> !filter.contains("label=positive")
                            || row.get("label").asString().equals("positive"))
                    .filter(row -> !filter.contains("label=negative")
                            || row.get("label").asString().equals("negative"))
                    .filter(row -> !filter.contains("predicted=negative")
                            || row.get("predicted_label").asString().equals("negative"))
                    .toList();
            assertThat(evaluations.rows(evaluated, 7, "&" + filter)).as(filter).isEqualTo(expected);
        }
    }

    @Test
    void theCsvHasTheSamePredictions() throws IOException {
        List<JsonNode> wrong =
                rows.stream().filter(row -> !row.get("right").asBoolean()).toList();

        List<CSVRecord> records =
                EvaluationApi.csv(api.get(EVALUATIONS + "/" + id(evaluated) + "/predictions.csv?outcome=wrong"));
        assertThat(records).hasSameSizeAs(wrong).isNotEmpty();
        for (int i = 0; i < records.size(); i++) {
            assertThat(records.get(i).get("text"))
                    .isEqualTo(wrong.get(i).get("text").asString());
            assertThat(records.get(i).get("line"))
                    .isEqualTo(wrong.get(i).get("line").toString());
            assertThat(records.get(i).get("predicted_label"))
                    .isEqualTo(wrong.get(i).get("predicted_label").asString());
            assertThat(records.get(i).get("right")).isEqualTo("false");
            assertThat(Double.parseDouble(records.get(i).get("score_positive")))
                    .isEqualTo(wrong.get(i).get("scores").get("positive").asDouble());
        }
    }

    @Test
    void labelsWithOtherNamesAreMapped() {
        String renamed = api.upload(
                        "renamed.csv",
                        new String(Reviews.csv(ROWS), UTF_8)
                                .replace(",positive\n", ",good\n")
                                .replace(",negative\n", ",bad\n")
                                .getBytes(UTF_8),
                        Map.of())
                .text("id");

        JsonNode mapped = evaluations.report(evaluations.evaluate(
                "\"split\":\"all\",\"label_map\":{\"good\":\"positive\",\"bad\":\"negative\"}", renamed));

        JsonNode expected = evaluations.report(evaluated);
        assertThat(mapped.get("confusion_matrix")).isEqualTo(expected.get("confusion_matrix"));
        assertThat(mapped.get("loss")).isEqualTo(expected.get("loss"));
    }

    @Test
    void eventsTellTheStatusesAndTheProgress() {
        List<JsonNode> events = api.get(EVALUATIONS + "/" + id(evaluated) + "/events?limit=1000")
                .json()
                .get("data")
                .valueStream()
                .toList();

        assertThat(events.stream().map(event -> event.get("type").asString())).contains("status", "log", "progress");
        assertThat(events.stream()
                        .filter(event -> event.get("type").asString().equals("status"))
                        .map(event -> event.get("data").get("status").asString()))
                .containsExactly("queued", "running", "succeeded");
        JsonNode progress = evaluated.get("progress");
        assertThat(progress.get("percent").asDouble()).isEqualTo(100);
        assertThat(progress.get("examples_done").asLong()).isEqualTo(ROWS);
        assertThat(progress.get("eta_seconds").asDouble()).isZero();
    }
}
