package dev.anneal.job.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A job with folds through the API alone. */
@ServerTest
class FoldsTest {
    private static final int ROWS = 60;

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @Test
    void aJobWithFoldsReportsTheirSpreadAndPredictsEachTrainingRow() {
        String dataset = api.upload(
                        "reviews.csv", Reviews.csv(ROWS), Map.of("split", "{\"validation\":0,\"test\":0.2}"))
                .text("id");
        String request =
                "{\"base_model\":\"%s\",\"dataset\":\"%s\",\"folds\":3,\"hyperparameters\":{\"epochs\":2,\"max_length\":32}}"
                        .formatted(models.tiny(), dataset);
        assertThat(api.post("/api/v1/jobs/estimate", request).status()).isEqualTo(200);
        Answer created = api.post("/api/v1/jobs", request);
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().get("folds").asInt()).isEqualTo(3);
        String path = "/api/v1/jobs/" + created.text("id");
        assertThat(api.get(path + "/predictions").code()).isEqualTo("no_predictions");

        JsonNode job = api.await(created.text("id"));

        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertThat(job.get("metrics")).as("the epochs of the job's model").hasSize(2);
        JsonNode report = api.get(path + "/report").json();
        JsonNode accuracy =
                report.get("cross_validation").get("metrics").get("accuracy").get("values");
        List<JsonNode> rows = api.get(path + "/predictions?limit=1000")
                .json()
                .get("data")
                .valueStream()
                .toList();
        assertThat(rows).hasSize(48).allMatch(row -> row.get("split").asString().equals("train"));
        for (int fold = 1; fold <= 3; fold++) {
            int number = fold;
            List<JsonNode> inside = rows.stream()
                    .filter(row -> row.get("fold").asInt() == number)
                    .toList();
            assertThat(inside).hasSize(16);
            assertThat(accuracy.get(fold - 1).asDouble())
                    .isCloseTo(
                            inside.stream()
                                            .filter(row -> row.get("right").asBoolean())
                                            .count()
                                    / 16.0,
                            within(1e-9));
        }
        long wrong = rows.stream().filter(row -> !row.get("right").asBoolean()).count();
        assertThat(api.get(path + "/predictions?outcome=wrong&limit=1000")
                        .json()
                        .get("data"))
                .hasSize((int) wrong);
        assertThat(api.get(path + "/predictions?label=neutral").code()).isEqualTo("unknown_label");
        String csv = new String(api.get(path + "/predictions.csv").bytes(), UTF_8);
        assertThat(csv.lines().findFirst())
                .contains(
                        "number,split,file,line,fold,text,text_pair,label,predicted_label,right,score_negative,score_positive");
        JsonNode found = report.get("findings")
                .get("likely_mislabelled")
                .valueStream()
                .filter(each -> each.get("split").asString().equals("train"))
                .findFirst()
                .orElseThrow();
        assertThat(found.get("scores").asString()).isEqualTo("folds");
        List<Integer> numbers = Stream.of(rows.get(0), rows.get(1))
                .map(row -> row.get("number").asInt())
                .toList();
        String version = api.post(
                        "/api/v1/datasets/" + dataset + "/versions",
                        Json.write(Map.of("steps", List.of(Map.of("type", "drop_rows", "numbers", numbers)))))
                .text("id");
        assertThat(version).startsWith("ds_");
        assertThat(api.delete(path).status()).isEqualTo(204);
        assertThat(api.get(path + "/predictions").status()).isEqualTo(404);
    }

    @Test
    void aDatasetWithoutOtherRowsIsTestedByItsFolds() {
        String dataset = api.upload("all.csv", Reviews.csv(40), Map.of("split", "{\"validation\":0,\"test\":0}"))
                .text("id");
        Answer unknown = api.post(
                "/api/v1/jobs",
                "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"%s\",\"folds\":2,\"slice_by\":[\"gender\"]}"
                        .formatted(dataset));
        assertThat(unknown.code()).as("the report is on the training rows").isEqualTo("unknown_column");
        String id = api.post(
                        "/api/v1/jobs",
                        "{\"base_model\":\"%s\",\"dataset\":\"%s\",\"folds\":2,\"method\":{\"type\":\"head\"},\"hyperparameters\":{\"epochs\":1,\"max_length\":16}}"
                                .formatted(models.tiny(), dataset))
                .text("id");

        JsonNode job = api.await(id);

        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        JsonNode report = api.get("/api/v1/jobs/" + id + "/report").json();
        assertThat(report.get("split").asString()).isEqualTo("train");
        assertThat(report.get("examples").asInt()).isEqualTo(40);
        assertThat(job.get("test_metrics").isNull()).isTrue();
        JsonNode model =
                api.get("/api/v1/models/" + job.get("model").asString()).json();
        assertThat(model.get("metrics").get("accuracy")).isEqualTo(report.get("accuracy"));
    }
}
