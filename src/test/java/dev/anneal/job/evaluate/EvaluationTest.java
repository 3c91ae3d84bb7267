package dev.anneal.job.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Evaluations and predictions through the API alone: real weights, real rows, real processes. One trained model serves all tests. */
@ServerTest
@TestPropertySource(properties = "anneal.inference.precision=fp32") // as evaluations compute
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EvaluationTest {
    private static final int ROWS = 120;

    @Autowired
    Api api;

    private String dataset;
    private JsonNode job;
    private String model;
    private JsonNode evaluated;

    @BeforeAll
    void train() {
        dataset = api.upload("reviews.csv", Reviews.csv(ROWS), Map.of()).text("id");
        job = api.await(made(
                        "/api/v1/jobs",
                        "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"%s\",\"hyperparameters\":{\"epochs\":2,\"max_length\":32}}"
                                .formatted(dataset))
                .text("id"));
        model = job.get("model").asString();
        evaluated = evaluate("\"split\":\"all\"");
    }

    @Test
    void anEvaluationOfTheTestRowsHasTheReportOfTheJobThatTrainedTheModel() {
        JsonNode evaluation = evaluate("");

        assertThat(evaluation.get("split").asString()).isEqualTo("test");
        assertThat(evaluation.get("precision").asString()).isEqualTo("fp32");
        assertThat(evaluation.get("metrics")).isEqualTo(job.get("test_metrics"));
        JsonNode expected =
                api.get("/api/v1/jobs/" + job.get("id").asString() + "/report").json();
        JsonNode report = report(evaluation);
        for (String field : List.of("examples", "loss", "accuracy", "f1_macro", "labels", "confusion_matrix")) {
            assertThat(report.get(field)).as(field).isEqualTo(expected.get(field));
        }
    }

    @Test
    void thePredictionsOfAllRowsGiveTheConfusionMatrixAndAreThoseOfTheServedModel() {
        List<JsonNode> rows = pages(evaluated, "");

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
        assertThat(report(evaluated).get("confusion_matrix").toString()).isEqualTo(Json.write(counts));
        JsonNode served = api.post("/api/v1/models/" + model + "/predict", Json.write(Map.of("inputs", texts)))
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
        List<JsonNode> rows = pages(evaluated, "");
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
    void aVersionKeepsTheLinesOfTheFile() {
        String version = made("/api/v1/datasets/" + dataset + "/versions", "{\"steps\":[{\"type\":\"strip\"}]}")
                .text("id");

        assertThat(pages(evaluate("\"split\":\"all\"", version), "").stream().map(row -> row.get("line")))
                .containsExactlyElementsOf(pages(evaluated, "").stream()
                        .map(row -> row.get("line"))
                        .toList());
    }

    @Test
    void aRowOfOneOfSeveralFilesNamesItsFile() {
        Answer several = api.uploadTo(
                "/api/v1/datasets",
                List.of(
                        new Client.FilePart("file", "one.csv", Reviews.csv(20)),
                        new Client.FilePart("file", "two.csv", "text,label\nA fine film.,positive\n".getBytes(UTF_8))),
                Map.of());
        assertThat(several.status()).as("%s", several.json()).isEqualTo(201);

        List<JsonNode> rows = pages(evaluate("\"split\":\"all\"", several.text("id")), "");
        assertThat(rows).hasSize(21);
        assertThat(rows.subList(0, 20))
                .allMatch(row -> row.get("file").asString().equals("one.csv"));
        assertThat(rows.get(20).get("file").asString()).isEqualTo("two.csv");
        assertThat(rows.get(20).get("line").asInt()).isEqualTo(2);
    }

    @Test
    void filtersFindRightAndWrongRowsAndThoseOfALabelOnPagesOfAnySize() {
        List<JsonNode> all = pages(evaluated, "");
        for (String filter : List.of(
                "outcome=right",
                "outcome=wrong",
                "label=positive",
                "predicted=negative",
                "outcome=wrong&label=negative")) {
            List<JsonNode> expected = all.stream()
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
            assertThat(pages(evaluated, "&" + filter)).as(filter).isEqualTo(expected);
        }
    }

    @Test
    void aLabelThatTheModelDoesNotHaveIsRefused() {
        for (String path : List.of("/predictions", "/predictions.csv")) {
            Answer refused = api.get("/api/v1/evaluations/" + id(evaluated) + path + "?label=Positiv");
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.code()).isEqualTo("unknown_label");
            assertThat(refused.detail()).contains("Did you mean 'positive'?");
        }
    }

    @Test
    void theCsvHasTheSamePredictions() throws IOException {
        Answer answer = api.get("/api/v1/evaluations/" + id(evaluated) + "/predictions.csv?outcome=wrong");
        List<JsonNode> wrong = pages(evaluated, "&outcome=wrong");

        List<CSVRecord> records = csv(answer);
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
    void labelsWithOtherNamesNeedAMap() {
        String renamed = api.upload("renamed.csv", renamed(), Map.of()).text("id");

        Answer refused = create("\"split\":\"all\"", renamed);
        assertThat(refused.code()).isEqualTo("unknown_label");
        assertThat(refused.detail()).contains("bad", "good", "negative", "positive", "'label_map'");
        assertThat(create("\"label_map\":{\"good\":\"nice\"}", renamed).detail())
                .contains("'nice', which is not a label of the model");
        assertThat(create("\"label_map\":{\"fine\":\"positive\"}", renamed).detail())
                .contains("'fine', which is not a label of the dataset");

        JsonNode mapped =
                evaluate("\"split\":\"all\",\"label_map\":{\"good\":\"positive\",\"bad\":\"negative\"}", renamed);
        JsonNode expected = report(evaluated);
        assertThat(report(mapped).get("confusion_matrix")).isEqualTo(expected.get("confusion_matrix"));
        assertThat(report(mapped).get("loss")).isEqualTo(expected.get("loss"));
    }

    private static byte[] renamed() {
        return new String(Reviews.csv(ROWS), UTF_8)
                .replace(",positive\n", ",good\n")
                .replace(",negative\n", ",bad\n")
                .getBytes(UTF_8);
    }

    @Test
    void whatDoesNotFitIsRefusedByName() {
        String scores = api.upload(
                        "scores.jsonl",
                        rows(12, "{\"text\":\"wet and cold %d\",\"score\":%d}"),
                        Map.of("task", "text-regression"))
                .text("id");
        String train = api.upload("train.csv", Reviews.csv(20), Map.of("split", "{\"validation\":0,\"test\":0}"))
                .text("id");

        assertThat(create("", scores).code()).isEqualTo("dataset_does_not_fit");
        assertThat(create("", scores).detail()).contains("texts with a score", "texts with one label each");
        Answer empty = create("", train);
        assertThat(empty.code()).isEqualTo("no_rows");
        assertThat(empty.detail()).contains("no test rows").contains("train (20 rows) or all");
        assertThat(api.post("/api/v1/evaluations", body("all-MiniLM-L6-v2", dataset, ""))
                        .code())
                .isEqualTo("model_does_not_fit");
        assertThat(api.post("/api/v1/evaluations", body("nope", dataset, "")).code())
                .isEqualTo("unknown_model");
        assertThat(create("", "nope").code()).isEqualTo("unknown_dataset");
        assertThat(create("\"split\":\"dev\"").code()).isEqualTo("unknown_split");
        assertThat(create("\"labels\":{}").code()).isEqualTo("unknown_field");
        assertThat(create("\"precision\":\"fp16\"").code()).isEqualTo("unknown_precision");
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
            assertThat(create("").code()).isEqualTo("storage_full");
            assertThat(api.post("/api/v1/predictions", body(model, dataset, "")).code())
                    .isEqualTo("storage_full");
        } finally {
            limit("null");
        }
    }

    private void limit(String bytes) {
        assertThat(api.patch("/api/v1/projects/default", "{\"limits\":{\"max_storage_bytes\":" + bytes + "}}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void jobsEvaluationsAndPredictionsAreSeparateLists() {
        String prediction =
                made("/api/v1/predictions", body(model, dataset, "")).text("id");

        assertThat(ids("/api/v1/jobs")).contains(job.get("id").asString()).allMatch(id -> id.startsWith("job_"));
        assertThat(ids("/api/v1/evaluations")).contains(id(evaluated)).allMatch(id -> id.startsWith("eval_"));
        assertThat(ids("/api/v1/predictions")).contains(prediction).allMatch(id -> id.startsWith("pred_"));
        assertThat(ids("/api/v1/evaluations?status=succeeded")).contains(id(evaluated));
        assertThat(ids("/api/v1/evaluations?status=paused")).isEmpty();
        assertThat(api.get("/api/v1/jobs/" + id(evaluated)).status()).isEqualTo(404);
        assertThat(api.get("/api/v1/evaluations/" + prediction).status()).isEqualTo(404);
        assertThat(api.get("/api/v1/predictions/" + id(evaluated)).status()).isEqualTo(404);
        await("/api/v1/predictions/", prediction);
    }

    @Test
    void eventsTellTheStatusesAndTheProgress() {
        List<JsonNode> events = api.get("/api/v1/evaluations/" + id(evaluated) + "/events?limit=1000")
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

    @Test
    void aDeletedEvaluationIsGoneAndSoAreItsPredictions() {
        JsonNode evaluation = evaluate("");
        String path = "/api/v1/evaluations/" + id(evaluation);

        assertThat(api.post(path + "/cancel").code()).isEqualTo("evaluation_has_ended");
        assertThat(api.delete(path).status()).isEqualTo(204);
        assertThat(api.get(path).status()).isEqualTo(404);
        assertThat(api.get(path + "/predictions").status()).isEqualTo(404);
        assertThat(api.get("/api/v1/models/" + model).status()).isEqualTo(200);
    }

    @Test
    void aPredictionNeedsNoLabelsAndItsFileHasAllRows() throws IOException {
        String texts =
                api.upload("texts.csv", texts(), Map.of("task", "masked-lm")).text("id");
        String id = made("/api/v1/predictions", body(model, texts, "\"precision\":\"fp32\""))
                .text("id");
        JsonNode prediction = await("/api/v1/predictions/", id);

        assertThat(prediction.get("status").asString()).as("%s", prediction).isEqualTo("succeeded");
        assertThat(prediction.get("rows").asLong()).isEqualTo(ROWS);
        List<CSVRecord> records = csv(api.get("/api/v1/predictions/" + id + "/download"));
        List<JsonNode> expected = pages(evaluated, "");
        assertThat(records).hasSize(ROWS);
        for (int i = 0; i < ROWS; i++) {
            assertThat(records.get(i).get("predicted_label"))
                    .isEqualTo(expected.get(i).get("predicted_label").asString());
            assertThat(Double.parseDouble(records.get(i).get("score_positive")))
                    .isCloseTo(expected.get(i).get("scores").get("positive").asDouble(), within(1e-5));
        }
        String lines = new String(
                api.get("/api/v1/predictions/" + id + "/download?format=jsonl").bytes(), UTF_8);
        assertThat(lines.lines()
                        .map(line -> Json.MAPPER.readTree(line).get("number").asInt()))
                .hasSize(ROWS)
                .isSorted();
        assertThat(api.get("/api/v1/predictions/" + id + "/download?format=xml").code())
                .isEqualTo("unknown_format");
    }

    private static byte[] texts() {
        StringBuilder csv = new StringBuilder("text\n");
        Reviews.texts(ROWS)
                .forEach(text ->
                        csv.append('"').append(text.replace("\"", "\"\"")).append("\"\n"));
        return csv.toString().getBytes(UTF_8);
    }

    @Test
    void theRepeatedRequestOfAKeyMakesOneEvaluation() {
        String body = body(model, dataset, "");
        Answer first = api.post("/api/v1/evaluations", body, "Idempotency-Key", "evaluate-once");
        Answer second = api.post("/api/v1/evaluations", body, "Idempotency-Key", "evaluate-once");

        assertThat(second.text("id")).isEqualTo(first.text("id"));
        await("/api/v1/evaluations/", first.text("id"));
    }

    @Test
    void otherTasksAreEvaluatedWithTheFiguresOfTheirJobs() {
        for (var task : new TreeMap<>(Map.of(
                        "text-regression", "{\"text\":\"wet and cold %d\",\"score\":%d",
                        "token-classification", "{\"tokens\":[\"In\",\"Rome\",\"%d\"],\"tags\":[\"O\",\"B-LOC\",\"O\"]",
                        "text-classification", "{\"text\":\"wet and cold %d\",\"labels\":[\"a\",\"b\"]",
                        "masked-lm", "{\"text\":\"wet and cold %d\""))
                .entrySet()) {
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                String split = i < 8 ? "train" : i < 10 ? "validation" : "test";
                rows.append(task.getValue().replace("%d", "" + i)).append(",\"split\":\"" + split + "\"}\n");
            }
            String id = api.upload("rows.jsonl", rows.toString().getBytes(UTF_8), Map.of("task", task.getKey()))
                    .text("id");
            JsonNode trained = api.await(made(
                            "/api/v1/jobs",
                            "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"%s\",\"hyperparameters\":{\"epochs\":1,\"max_length\":16}}"
                                    .formatted(id))
                    .text("id"));
            String own = trained.get("model").asString();
            JsonNode evaluation = await(
                    "/api/v1/evaluations/",
                    made("/api/v1/evaluations", body(own, id, "")).text("id"));

            assertThat(evaluation.get("status").asString()).as("%s", evaluation).isEqualTo("succeeded");
            assertThat(evaluation.get("metrics")).as(task.getKey()).isEqualTo(trained.get("test_metrics"));
            if (task.getKey().equals("masked-lm")) {
                assertThat(api.get("/api/v1/evaluations/" + id(evaluation) + "/predictions")
                                .code())
                        .isEqualTo("no_predictions");
                assertThat(api.post("/api/v1/predictions", body(own, id, "")).code())
                        .isEqualTo("model_does_not_fit");
                assertThat(api.post("/api/v1/evaluations", body(own, id, "\"precision\":\"bf16\""))
                                .code())
                        .isEqualTo("not_of_task");
                continue;
            }
            List<JsonNode> found = pages(evaluation, "");
            assertThat(found).hasSize(2);
            assertThat(found.get(0).propertyNames())
                    .contains(
                            switch (task.getKey()) {
                                case "text-regression" -> "predicted_score";
                                case "token-classification" -> "predicted_tags";
                                default -> "predicted_labels";
                            });
            JsonNode prediction = await(
                    "/api/v1/predictions/",
                    made("/api/v1/predictions", body(own, id, "\"precision\":\"fp32\""))
                            .text("id"));
            assertThat(prediction.get("status").asString()).as("%s", prediction).isEqualTo("succeeded");
            String lines = new String(
                    api.get("/api/v1/predictions/" + id(prediction) + "/download?format=jsonl")
                            .bytes(),
                    UTF_8);
            List<JsonNode> predicted = lines.lines().map(Json.MAPPER::readTree).toList();
            assertThat(predicted).hasSize(12);
            for (String field : List.of("predicted_score", "predicted_tags", "predicted_labels")) {
                assertThat(predicted.get(10).get(field)).isEqualTo(found.get(0).get(field));
            }
        }
    }

    @Test
    void aPredictionComputesBothTextsOfAPairWithoutALabel() {
        String pairs = api.upload(
                        "pairs.jsonl",
                        rows(12, "{\"text\":\"wet and cold %d\",\"text_pair\":\"It rains %d.\"}"),
                        Map.of("task", "masked-lm"))
                .text("id");
        String alone = api.upload(
                        "alone.jsonl", rows(12, "{\"text\":\"wet and cold %d\"}"), Map.of("task", "masked-lm"))
                .text("id");
        List<JsonNode> ofPairs = predicted(pairs);
        List<JsonNode> ofTexts = predicted(alone);

        for (int i = 0; i < 12; i++) {
            assertThat(ofPairs.get(i).get("text_pair").asString()).isEqualTo("It rains " + i + ".");
            assertThat(ofPairs.get(i).get("scores")).isNotEqualTo(ofTexts.get(i).get("scores"));
        }
    }

    private List<JsonNode> predicted(String of) {
        JsonNode prediction = await(
                "/api/v1/predictions/",
                made("/api/v1/predictions", body(model, of, "\"precision\":\"fp32\""))
                        .text("id"));
        assertThat(prediction.get("status").asString()).as("%s", prediction).isEqualTo("succeeded");
        return new String(
                        api.get("/api/v1/predictions/" + id(prediction) + "/download?format=jsonl")
                                .bytes(),
                        UTF_8)
                .lines()
                .map(Json.MAPPER::readTree)
                .toList();
    }

    @Test
    void aTaggerPredictsForTexts() {
        String tagged = api.upload(
                        "tags.jsonl",
                        rows(12, "{\"tokens\":[\"In\",\"Rome\",\"%d\"],\"tags\":[\"O\",\"B-LOC\",\"O\"]}"),
                        Map.of("task", "token-classification"))
                .text("id");
        String tagger = api.await(made(
                                "/api/v1/jobs",
                                "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"%s\",\"hyperparameters\":{\"epochs\":1,\"max_length\":16}}"
                                        .formatted(tagged))
                        .text("id"))
                .get("model")
                .asString();
        String texts = api.upload(
                        "plain.jsonl", rows(12, "{\"text\":\"Rain in Rome %d\"}"), Map.of("task", "masked-lm"))
                .text("id");
        JsonNode prediction = await(
                "/api/v1/predictions/",
                made("/api/v1/predictions", body(tagger, texts, "")).text("id"));

        assertThat(prediction.get("status").asString()).as("%s", prediction).isEqualTo("succeeded");
        String lines = new String(
                api.get("/api/v1/predictions/" + id(prediction) + "/download?format=jsonl")
                        .bytes(),
                UTF_8);
        List<JsonNode> predicted = lines.lines().map(Json.MAPPER::readTree).toList();
        assertThat(predicted).hasSize(12);
        assertThat(predicted.get(7).get("tokens").toString()).isEqualTo("[\"Rain\",\"in\",\"Rome\",\"7\"]");
        assertThat(predicted)
                .allMatch(row ->
                        row.get("predicted_tags").size() == row.get("tokens").size());
    }

    private static byte[] rows(int count, String row) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < count; i++) {
            rows.append(row.replace("%d", "" + i)).append('\n');
        }
        return rows.toString().getBytes(UTF_8);
    }

    private static String body(String model, String dataset, String fields) {
        return "{\"model\":\"%s\",\"dataset\":\"%s\"%s}"
                .formatted(model, dataset, fields.isEmpty() ? "" : "," + fields);
    }

    private Answer create(String fields) {
        return create(fields, dataset);
    }

    private Answer create(String fields, String of) {
        return api.post("/api/v1/evaluations", body(model, of, fields));
    }

    private JsonNode evaluate(String fields) {
        return evaluate(fields, dataset);
    }

    private JsonNode evaluate(String fields, String of) {
        JsonNode evaluation = await(
                "/api/v1/evaluations/",
                made("/api/v1/evaluations", body(model, of, fields)).text("id"));
        assertThat(evaluation.get("status").asString()).as("%s", evaluation).isEqualTo("succeeded");
        return evaluation;
    }

    private Answer made(String path, String body) {
        Answer answer = api.post(path, body);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer;
    }

    private JsonNode await(String path, String id) {
        api.stream(path + id + "/events", null, Stream::count);
        return api.get(path + id).json();
    }

    private JsonNode report(JsonNode evaluation) {
        return api.get("/api/v1/evaluations/" + id(evaluation) + "/report").json();
    }

    /** Returns all predictions, read in pages of seven. */
    private List<JsonNode> pages(JsonNode evaluation, String filter) {
        List<JsonNode> rows = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page = api.get("/api/v1/evaluations/" + id(evaluation) + "/predictions?limit=7" + filter + after)
                    .json();
            page.get("data").forEach(rows::add);
            if (!page.get("has_more").asBoolean()) {
                assertThat(page.get("next_after").isNull()).isTrue();
                return rows;
            }
            after = "&after=" + page.get("next_after").asLong();
        }
    }

    private List<String> ids(String path) {
        return api.get(path + (path.contains("?") ? "&" : "?") + "limit=1000")
                .json()
                .get("data")
                .valueStream()
                .map(EvaluationTest::id)
                .toList();
    }

    private static String id(JsonNode thing) {
        return thing.get("id").asString();
    }

    private static List<CSVRecord> csv(Answer answer) throws IOException {
        try (var records = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .get()
                .parse(new StringReader(new String(answer.bytes(), UTF_8)))) {
            return records.getRecords();
        }
    }
}
