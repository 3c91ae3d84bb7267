package dev.anneal.job.evaluate;

import static dev.anneal.job.evaluate.EvaluationApi.EVALUATIONS;
import static dev.anneal.job.evaluate.EvaluationApi.PREDICTIONS;
import static dev.anneal.job.evaluate.EvaluationApi.id;
import static dev.anneal.job.evaluate.EvaluationApi.lines;
import static dev.anneal.job.evaluate.EvaluationApi.made;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
        base = models.add("tiny-base", "default", Path.of("src/test/resources/models/bert"))
                .getId();
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
    void aLanguageModelHasAReportAndNoPredictions() {
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
