package dev.anneal.job.evaluate;

import static dev.anneal.job.evaluate.EvaluationApi.EVALUATIONS;
import static dev.anneal.job.evaluate.EvaluationApi.PREDICTIONS;
import static dev.anneal.job.evaluate.EvaluationApi.id;
import static dev.anneal.job.evaluate.EvaluationApi.lines;
import static dev.anneal.job.evaluate.EvaluationApi.made;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.testing.Api;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
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

/** Evaluations and predictions of the tasks other than text classification with one label, by small models that were trained for it. */
@ServerTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherTasksTest {
    private static final int ROWS = 12;
    private static final int TEST = 2;

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    private String base;

    @BeforeAll
    void addTheBaseModel() {
        base = models.tiny();
    }

    @Test
    void numbersAreEvaluatedAndPredicted() {
        check("text-regression", "{\"text\":\"wet and cold %d\",\"score\":%d,", "predicted_score");
    }

    @Test
    void severalLabelsAreEvaluatedAndPredicted() {
        check("text-classification", "{\"text\":\"wet and cold %d\",\"labels\":[\"a\",\"b\"],", "predicted_labels");
    }

    @Test
    void tagsAreEvaluatedAndPredictedAndATextIsSplitIntoWords() {
        EvaluationApi tagger = check(
                "token-classification",
                "{\"tokens\":[\"In\",\"Rome\",\"%d\"],\"tags\":[\"O\",\"B-LOC\",\"O\"],",
                "predicted_tags");
        String texts = api.upload(
                        "plain.jsonl", lines(ROWS, "{\"text\":\"Rain in Rome %d\"}"), Map.of("task", "masked-lm"))
                .text("id");

        List<JsonNode> predicted = tagger.lines(tagger.predict("", texts));

        assertThat(predicted).hasSize(ROWS);
        assertThat(predicted.get(7).get("tokens").toString()).isEqualTo("[\"Rain\",\"in\",\"Rome\",\"7\"]");
        assertThat(predicted)
                .allMatch(row ->
                        row.get("predicted_tags").size() == row.get("tokens").size());
    }

    @Test
    void aModelThatGeneratesTextHasFiguresForEachRowByWhichItIsCompared() throws IOException {
        String longText = "the river runs to the shop ".repeat(60); // more than the 128 positions of the model
        String dataset = api.upload(
                        "texts.jsonl",
                        ("{\"text\":\"where are the boats\"}\n{\"text\":\"%s\"}\n{\"text\":\"the boats came home\"}\n"
                                        .formatted(longText.strip()))
                                .getBytes(UTF_8),
                        Map.of("task", "causal-lm", "split", "{\"validation\":0,\"test\":0}"))
                .text("id");
        EvaluationApi first = generating("llama");
        EvaluationApi second = generating("gpt2");

        JsonNode evaluation = first.evaluate("\"split\":\"all\"", dataset);
        List<JsonNode> rows = first.rows(evaluation, 2, "");
        JsonNode report = first.report(evaluation);
        assertThat(rows.stream().map(row -> row.get("number").asInt())).containsExactly(1, 2, 3);
        assertThat(rows.get(1).get("text").asString()).isEqualTo(longText.strip());
        assertThat(report.get("examples").asInt()).isGreaterThan(3);
        assertThat(rows.stream()
                        .mapToLong(row -> row.get("token_count").asLong())
                        .sum())
                .isEqualTo(report.get("tokens").asLong());
        assertThat(mean(rows, "loss")).isCloseTo(report.get("loss").asDouble(), within(1e-9));
        assertThat(mean(rows, "token_accuracy"))
                .isCloseTo(report.get("token_accuracy").asDouble(), within(1e-9));
        List<CSVRecord> csv = EvaluationApi.csv(api.get(EVALUATIONS + "/" + id(evaluation) + "/predictions.csv"));
        assertThat(csv).hasSize(3);
        assertThat(csv.get(0).get("loss")).isEqualTo(rows.get(0).get("loss").asString());
        assertThat(api.get(EVALUATIONS + "/" + id(evaluation) + "/predictions?outcome=wrong")
                        .code())
                .isEqualTo("not_of_task");

        JsonNode other = second.evaluate("\"split\":\"all\",\"compare_to\":\"" + id(evaluation) + "\"", dataset);
        List<JsonNode> others = second.rows(other, 1_000, "");
        JsonNode metrics = second.report(other).path("comparison").path("metrics");
        double perRow = 0;
        for (int i = 0; i < rows.size(); i++) {
            perRow += sum(others.get(i)) - sum(rows.get(i));
        }
        assertThat(metrics.path("loss_per_row").path("difference").asDouble())
                .isCloseTo(perRow / rows.size(), within(1e-6));
        assertThat(first.create("\"split\":\"all\",\"slice_by\":[\"split\"]", dataset)
                        .code())
                .isEqualTo("not_of_task");
        assertThat(evaluation.get("generated_answers").asInt()).isZero();
        assertThat(first.create("\"split\":\"all\",\"generated_answers\":5", dataset)
                        .code())
                .as("texts ask for no answer")
                .isEqualTo("dataset_does_not_fit");
    }

    @Test
    void theAnswersToTheFirstPromptsAreBesideTheirRows() throws IOException {
        String dataset = api.upload(
                        "prompts.jsonl",
                        lines(3, "{\"prompt\":\"where are the boats %d\",\"completion\":\"home\"}"),
                        Map.of("task", "causal-lm", "split", "{\"validation\":0,\"test\":0}"))
                .text("id");
        EvaluationApi calls = generating("qwen2");

        JsonNode evaluation = calls.evaluate("\"split\":\"all\",\"generated_answers\":2", dataset);

        assertThat(evaluation.get("generated_answers").asInt()).isEqualTo(2);
        List<JsonNode> rows = calls.rows(evaluation, 1, "");
        assertThat(rows).hasSize(3);
        for (JsonNode row : rows.subList(0, 2)) {
            assertThat(row.get("answer").isString()).isTrue();
            assertThat(row.get("expected").asString()).isEqualTo("home");
            assertThat(row.get("right").asBoolean()).isFalse();
            assertThat(row.get("chrf").asDouble()).isBetween(0.0, 100.0);
        }
        assertThat(rows.get(2).has("answer")).isFalse();
        assertThat(calls.rows(evaluation, 1, "&outcome=wrong")).isEqualTo(rows.subList(0, 2));
        assertThat(calls.rows(evaluation, 10, "&outcome=right")).isEmpty();
        String path = EVALUATIONS + "/" + id(evaluation);
        assertThat(api.get(path + "/predictions?label=home").code()).isEqualTo("not_of_task");
        List<CSVRecord> csv = EvaluationApi.csv(api.get(path + "/predictions.csv"));
        assertThat(csv).extracting(row -> row.get("right")).containsExactly("false", "false", "");
        assertThat(csv.get(0).get("rouge_l"))
                .isEqualTo(rows.get(0).get("rouge_l").asString());
        JsonNode answers = calls.report(evaluation).get("answers");
        assertThat(answers.path("model").path("answers").asInt()).isEqualTo(2);
        assertThat(answers.has("base_model")).isFalse();
        assertThat(api.get(path + "/report.html").status()).isEqualTo(200);
    }

    private EvaluationApi generating(String family) {
        return new EvaluationApi(
                api,
                models.add(family, "default", Path.of("src/test/resources/models", family))
                        .getId());
    }

    private static double sum(JsonNode row) {
        return row.get("loss").asDouble() * row.get("token_count").asDouble();
    }

    private static double mean(List<JsonNode> rows, String figure) {
        double sum = 0;
        double tokens = 0;
        for (JsonNode row : rows) {
            sum += row.get(figure).asDouble() * row.get("token_count").asDouble();
            tokens += row.get("token_count").asDouble();
        }
        return sum / tokens;
    }

    @Test
    void aModelOfMaskedTokensHasAReportAndNoPredictions() {
        String dataset = upload("masked-lm", "{\"text\":\"wet and cold %d\",");
        JsonNode trained = train(dataset);
        EvaluationApi calls = new EvaluationApi(api, trained.get("model").asString());

        JsonNode evaluation = calls.evaluate("", dataset);

        assertThat(evaluation.get("metrics")).isEqualTo(trained.get("test_metrics"));
        assertThat(api.get(EVALUATIONS + "/" + id(evaluation) + "/predictions").code())
                .isEqualTo("no_predictions");
        assertThat(api.post(PREDICTIONS, calls.body(dataset, "")).code()).isEqualTo("model_does_not_fit");
        for (String field : List.of(
                "\"precision\":\"bf16\"",
                "\"slice_by\":[\"split\"]",
                "\"generated_answers\":5",
                "\"compare_to\":\"" + id(evaluation) + "\"",
                "\"terms\":{\"a\":{\"b\":[\"c\"],\"d\":[\"e\"]}}")) {
            assertThat(calls.create(field, dataset).code()).as(field).isEqualTo("not_of_task");
        }
    }

    private EvaluationApi check(String task, String row, String predicted) {
        String dataset = upload(task, row);
        JsonNode trained = train(dataset);
        EvaluationApi calls = new EvaluationApi(api, trained.get("model").asString());

        JsonNode evaluation = calls.evaluate("", dataset);
        assertThat(evaluation.get("metrics")).isEqualTo(trained.get("test_metrics"));
        List<JsonNode> found = calls.rows(evaluation, 1_000, "");
        assertThat(found).hasSize(TEST);
        assertThat(found.get(0).propertyNames()).contains(predicted);

        // A model does not differ from itself.
        JsonNode same = calls.report(calls.evaluate("\"compare_to\":\"" + id(evaluation) + "\"", dataset));
        same.get("comparison")
                .get("metrics")
                .forEach(metric ->
                        assertThat(metric.path("difference").asDouble(0)).isZero());
        assertThat(same.get("comparison").get("metrics")).isNotEmpty();

        List<JsonNode> all = calls.lines(calls.predict("\"precision\":\"fp32\"", dataset));
        assertThat(all).hasSize(ROWS);
        for (int i = 0; i < TEST; i++) {
            assertThat(all.get(ROWS - TEST + i).get(predicted))
                    .isEqualTo(found.get(i).get(predicted));
        }
        return calls;
    }

    private String upload(String task, String row) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < ROWS; i++) {
            String split = i < 8 ? "train" : i < ROWS - TEST ? "validation" : "test";
            rows.append(row.replace("%d", "" + i)).append("\"split\":\"" + split + "\"}\n");
        }
        return api.upload("rows.jsonl", rows.toString().getBytes(UTF_8), Map.of("task", task))
                .text("id");
    }

    private JsonNode train(String dataset) {
        JsonNode job = api.await(made(
                        api,
                        "/api/v1/jobs",
                        "{\"base_model\":\"%s\",\"dataset\":\"%s\",\"hyperparameters\":{\"epochs\":1,\"max_length\":16}}"
                                .formatted(base, dataset))
                .text("id"));
        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        return job;
    }
}
