package dev.anneal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Contract;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The main job through the API alone: real weights, real rows, a real trainer process. One job serves several tests. */
@ServerTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
class JourneyTest {
    @Autowired
    Api api;

    private String trained;

    /** A finished job on 120 reviews, made by whichever test comes first. */
    private synchronized JsonNode job() {
        if (trained == null) {
            trained = submit(upload(), "");
            api.await(trained);
        }
        return api.get("/api/v1/jobs/" + trained).json();
    }

    @Test
    void aJobTrainsAndShowsTheMetricsOfEachEpoch() {
        JsonNode job = job();

        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        assertThat(job.get("metrics")).hasSize(2);
        JsonNode first = job.get("metrics").get(0);
        JsonNode last = job.get("metrics").get(1);
        assertThat(last.get("train_loss").asDouble())
                .isLessThan(first.get("train_loss").asDouble());
        assertThat(job.get("best").get("metric").asString()).isEqualTo("f1_macro");
        assertThat(job.get("test_metrics").get("examples").asInt()).isEqualTo(12);
        assertThat(job.get("hyperparameters").get("precision").asString()).isIn("fp32", "bf16");
        JsonNode progress = job.get("progress");
        assertThat(progress.get("percent").asDouble()).isEqualTo(100);
        assertThat(progress.get("eta_seconds").asDouble()).isZero();
        assertThat(progress.get("step")).isEqualTo(progress.get("steps"));
    }

    @Test
    void theMetricsAreThoseOfTheServedModelsPredictions() {
        JsonNode job = job();
        JsonNode best = job.get("metrics").get(job.get("best").get("epoch").asInt() - 1);

        Figures validation = figures(job, "validation");
        assertThat(best.get("validation_loss").asDouble()).isCloseTo(validation.loss(), within(1e-4));
        assertThat(best.get("accuracy").asDouble()).isCloseTo(validation.accuracy(), within(1e-9));
        assertThat(best.get("f1_macro").asDouble()).isCloseTo(validation.f1Macro(), within(1e-9));
        assertThat(job.get("best").get("value").asDouble()).isCloseTo(validation.f1Macro(), within(1e-9));
        Figures test = figures(job, "test");
        assertThat(job.get("test_metrics").get("loss").asDouble()).isCloseTo(test.loss(), within(1e-4));
        assertThat(job.get("test_metrics").get("accuracy").asDouble()).isCloseTo(test.accuracy(), within(1e-9));
        assertThat(job.get("test_metrics").get("f1_macro").asDouble()).isCloseTo(test.f1Macro(), within(1e-9));
    }

    private record Figures(double loss, double accuracy, double f1Macro) {}

    /** Computes the metrics of a split from the predictions that the API returns for its rows. */
    private Figures figures(JsonNode job, String split) {
        List<JsonNode> rows = api.get("/api/v1/datasets/" + job.get("dataset").asString() + "/rows?limit=1000")
                .json()
                .get("data")
                .valueStream()
                .filter(row -> row.get("split").asString().equals(split))
                .toList();
        List<String> texts =
                rows.stream().map(row -> row.get("text").asString()).toList();
        JsonNode predictions =
                predict(job, Json.write(Map.of("inputs", texts))).json().get("predictions");
        double loss = 0;
        int right = 0;
        double f1 = 0;
        for (String label : List.of("negative", "positive")) {
            int both = 0;
            int either = 0; // rows of the label and predictions of it, those that agree twice
            for (int i = 0; i < rows.size(); i++) {
                boolean is = rows.get(i).get("label").asString().equals(label);
                boolean predicted = predictions.get(i).get("label").asString().equals(label);
                both += is && predicted ? 1 : 0;
                either += (is ? 1 : 0) + (predicted ? 1 : 0);
                if (is) {
                    loss -= Math.log(predictions.get(i).get("scores").get(label).asDouble());
                }
            }
            right += both;
            f1 += either == 0 ? 0 : 2.0 * both / either;
        }
        return new Figures(loss / rows.size(), (double) right / rows.size(), f1 / 2);
    }

    @Test
    void theModelShowsItsLineage() {
        JsonNode job = job();
        JsonNode model =
                api.get("/api/v1/models/" + job.get("model").asString()).json();
        JsonNode dataset =
                api.get("/api/v1/datasets/" + job.get("dataset").asString()).json();

        assertThat(model.get("kind").asString()).isEqualTo("fine-tuned");
        assertThat(model.get("job")).isEqualTo(job.get("id"));
        assertThat(model.get("base_model").asString()).isEqualTo("all-MiniLM-L6-v2");
        assertThat(model.get("dataset_sha256")).isEqualTo(dataset.get("sha256"));
        assertThat(model.get("hyperparameters").get("epochs").asInt()).isEqualTo(2);
        assertThat(model.get("labels").toString()).isEqualTo("[\"negative\",\"positive\"]");
        assertThat(model.get("metrics").get("accuracy"))
                .isEqualTo(job.get("test_metrics").get("accuracy"));
        assertThat(api.get("/api/v1/models?kind=fine-tuned").json().get("data").toString())
                .contains(job.get("model").asString());
        JsonNode base = api.get("/api/v1/models/all-MiniLM-L6-v2/lineage").json();
        assertThat(base.get("dataset").isNull()).isTrue();
        assertThat(base.get("export").isNull()).isTrue();
        assertThat(base.get("data")).isEmpty();
    }

    @Test
    void servedPredictionsAreThoseOfTheTrainer() {
        JsonNode job = job();
        JsonNode report = api.get("/api/v1/jobs/" + trained + "/report").json();

        assertThat(report.get("split").asString()).isEqualTo("test");
        assertThat(report.get("accuracy")).isEqualTo(job.get("test_metrics").get("accuracy"));
        assertThat(report.get("worst_mistakes")).as("an untrained model errs").isNotEmpty();
        for (JsonNode mistake : report.get("worst_mistakes")) {
            String input =
                    Json.write(Map.of("inputs", List.of(mistake.get("text").asString())));
            JsonNode served = predict(job, input).json().get("predictions").get(0);
            assertThat(served.get("label")).isEqualTo(mistake.get("predicted"));
            assertThat(served.get("score").asDouble())
                    .isCloseTo(mistake.get("score").asDouble(), within(1e-5));
        }
    }

    @Test
    void predictionsAreInTheOrderOfTheInputs() {
        JsonNode job = job();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            texts.add("word ".repeat(1 + (i * 37) % 60) + i);
        }
        JsonNode together =
                predict(job, Json.write(Map.of("inputs", texts))).json().get("predictions");

        assertThat(together).hasSize(200);
        for (int i : new int[] {0, 7, 123, 199}) {
            JsonNode alone = predict(job, Json.write(Map.of("inputs", List.of(texts.get(i)))))
                    .json()
                    .get("predictions")
                    .get(0);
            assertThat(together.get(i).get("scores").get("positive").asDouble())
                    .isCloseTo(alone.get("scores").get("positive").asDouble(), within(1e-5));
        }
    }

    @Test
    void stepsLeasesAndBatchesOfModelHostsAreCounted() {
        predict(job(), "{\"inputs\":[\"one\",\"two\"]}");

        Awaitility.await() // a host reports its batches once a second
                .untilAsserted(() -> assertThat(
                                new String(api.get("/actuator/prometheus").bytes(), UTF_8))
                        .containsPattern("anneal_training_steps_total [1-9]")
                        .containsPattern("anneal_training_examples_per_second_sum [1-9]")
                        .containsPattern("anneal_leases_total\\{outcome=\"renewed\"} [1-9]")
                        .containsPattern("anneal_inference_batches_total [1-9]")
                        .containsPattern("anneal_inference_batch_texts_total [1-9]")
                        .contains("anneal_inference_batch_seconds_total "));
    }

    @Test
    void badPredictRequestsAreRefused() {
        JsonNode job = job();

        assertThat(predict(job, "{}").code()).isEqualTo("required");
        assertThat(predict(job, "{\"inputs\":[]}").code()).isEqualTo("required");
        assertThat(predict(job, "{\"inputs\":[1]}").detail()).contains("inputs[0]");
        assertThat(predict(job, "{\"inputs\":[\"a\",{\"text\":\"b\",\"pair\":\"c\"}]}")
                        .detail())
                .contains("inputs[1]");
        assertThat(predict(job, "{\"inputs\":[\"  \"]}").code()).isEqualTo("invalid_value");
        assertThat(predict(job, "{\"inputs\":[\"a\"],\"topk\":1}").detail()).contains("Did you mean 'top_k'?");
        Answer many = predict(job, "{\"inputs\":[" + "\"a\",".repeat(9_999) + "\"a\"]}");
        assertThat(many.status()).isEqualTo(422);
        assertThat(many.code()).isEqualTo("too_many_inputs");
        assertThat(many.detail()).contains("10,000").contains("1,000");
    }

    @Test
    void topKLimitsTheScoresAndPairsAreAccepted() {
        JsonNode scores = predict(job(), "{\"inputs\":[{\"text\":\"a\",\"text_pair\":\"b\"}],\"top_k\":1}")
                .json()
                .get("predictions")
                .get(0)
                .get("scores");

        assertThat(scores).hasSize(1);
    }

    @Test
    void anEventStreamResumesAfterTheLastEvent() {
        job();
        List<String> all = ids(null, Integer.MAX_VALUE);
        List<String> firstPart = ids(null, 4);
        List<String> rest = ids(firstPart.get(3), Integer.MAX_VALUE);

        assertThat(firstPart).hasSize(4);
        assertThat(all).startsWith(firstPart.toArray(String[]::new)).endsWith(rest.toArray(String[]::new));
        assertThat(all).hasSize(firstPart.size() + rest.size());
        JsonNode page =
                api.get("/api/v1/jobs/" + trained + "/events?limit=1000").json().get("data");
        assertThat(page.valueStream().map(e -> e.get("id").asString()).toList()).isEqualTo(all);
        assertThat(page.valueStream().map(e -> e.get("type").asString()).distinct())
                .contains("status", "step", "epoch", "checkpoint", "log");
    }

    @Test
    void theDownloadIsAHuggingFaceDirectory() throws IOException {
        JsonNode job = job();
        Answer zip = api.get("/api/v1/models/" + job.get("model").asString() + "/download");
        List<String> entries = new ArrayList<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip.bytes()))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.add(entry.getName());
                if (entry.getName().equals("config.json")) {
                    JsonNode config = Json.MAPPER.readTree(in.readAllBytes());
                    assertThat(config.get("id2label").get("1").asString()).isEqualTo("positive");
                }
            }
        }
        assertThat(entries).contains("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");
    }

    @Test
    void theDownloadSaysWhereTheModelComesFrom() throws IOException {
        JsonNode job = job();
        JsonNode dataset =
                api.get("/api/v1/datasets/" + job.get("dataset").asString()).json();
        Map<String, String> files = texts(job);

        assertThat(files.get("README.md"))
                .startsWith("---\nbase_model: \"sentence-transformers/all-MiniLM-L6-v2\"\nlicense: \"apache-2.0\"\n")
                .contains(
                        "pipeline_tag: text-classification",
                        dataset.get("sha256").asString(),
                        "| Accuracy | ");
        JsonNode record = Json.MAPPER.readTree(files.get("training.json"));
        assertThat(record.path("job").asString()).isEqualTo(job.get("id").asString());
        assertThat(record.path("hyperparameters").path("precision"))
                .isEqualTo(job.path("hyperparameters").path("precision"));
        assertThat(record.path("epochs")).hasSize(job.path("metrics").size());
        assertThat(record.path("best").path("epoch")).isEqualTo(job.path("best").path("epoch"));
        assertThat(record.path("report").path("accuracy"))
                .isEqualTo(job.path("test_metrics").path("accuracy"));
    }

    /** Returns the files of a job's model that people read. */
    private Map<String, String> texts(JsonNode job) throws IOException {
        Answer zip = api.get("/api/v1/models/" + job.get("model").asString() + "/download");
        Map<String, String> files = new HashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip.bytes()))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (List.of("README.md", "BASE_MODEL.md", "training.json").contains(entry.getName())) {
                    files.put(entry.getName(), new String(in.readAllBytes(), UTF_8));
                }
            }
        }
        return files;
    }

    @Test
    void theReportIsAlsoAPageThatMayLoadNothing() {
        Answer page = api.get("/api/v1/jobs/" + job().get("id").asString() + "/report.html");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.headers().allValues("Content-Type")).containsExactly("text/html;charset=UTF-8");
        assertThat(page.headers().allValues("Content-Security-Policy"))
                .singleElement()
                .satisfies(policy -> assertThat(policy)
                        .startsWith("default-src 'none'; style-src 'sha256-")
                        .endsWith("frame-ancestors 'none'")
                        .doesNotContain("unsafe"));
        assertThat(new String(page.bytes(), UTF_8)).contains("Confusion matrix", "Baselines", "</html>");
    }

    @Test
    void theSameJobTwiceGivesTheSameBytesAndAFineTunedModelCanBeTrainedOn() throws IOException {
        JsonNode first = job();
        String again = submit(first.get("dataset").asString(), "");
        JsonNode second = api.await(again);
        String further = api.post(
                        "/api/v1/jobs",
                        "{\"base_model\":\"%s\",\"dataset\":\"%s\",\"hyperparameters\":{\"epochs\":1,\"max_length\":16}}"
                                .formatted(
                                        second.get("model").asString(),
                                        first.get("dataset").asString()))
                .text("id");

        assertThat(sha256(second)).isEqualTo(sha256(first));
        JsonNode third = api.await(further);
        assertThat(third.get("status").asString()).as("%s", third).isEqualTo("succeeded");
        assertThat(texts(third).get("BASE_MODEL.md")).isEqualTo(texts(second).get("README.md"));
        assertThat(texts(third).get("README.md")).as("the licence of its base").contains("license: \"apache-2.0\"");
        assertThat(api.delete("/api/v1/models/" + third.get("model").asString()).status())
                .isEqualTo(204);
        assertThat(api.get("/api/v1/models/" + third.get("model").asString()).status())
                .isEqualTo(404);
        assertThat(predict(third, "{\"inputs\":[\"x\"]}").status()).isEqualTo(404);
        assertThat(api.delete("/api/v1/models/all-MiniLM-L6-v2").code()).isEqualTo("base_model");
    }

    @Test
    void everyOperationOfTheContractAnswersAsItSays() {
        String model = job().get("model").asString();
        String dataset = upload();
        api.get("/actuator/health/readiness");
        api.get("/openapi.yaml");
        api.get("/openapi.json");
        api.get("/api/v1/datasets");
        api.uploadTo("/api/v1/datasets/check", "reviews.csv", Reviews.csv(120), Map.of());
        api.uploadTo("/api/v1/datasets/check.csv", "reviews.csv", Reviews.csv(120), Map.of());
        for (String part : List.of(
                "",
                "/rows",
                "/rows/1/tokens?base_model=all-MiniLM-L6-v2",
                "/problems",
                "/problems.csv",
                "/statistics",
                "/versions",
                "/lineage",
                "/export")) {
            api.get("/api/v1/datasets/" + dataset + part);
        }
        String version = api.post(
                        "/api/v1/datasets/" + dataset + "/versions", "{\"steps\":[{\"type\":\"drop_duplicates\"}]}")
                .text("id");
        api.delete("/api/v1/datasets/" + dataset);
        String parts = api.createUpload(2, "x.csv").text("id");
        api.append(parts, 0, new byte[1]);
        api.get("/api/v1/uploads");
        api.get("/api/v1/uploads/" + parts);
        api.delete("/api/v1/uploads/" + parts);
        api.get("/api/v1/jobs");
        for (String part :
                List.of("", "/events", "/history", "/report", "/report.html", "/metrics.csv", "/tensorboard")) {
            api.get("/api/v1/jobs/" + trained + part);
        }
        assertThat(api.get("/api/v1/jobs/compare?ids=" + trained + "," + trained)
                        .code())
                .isEqualTo("invalid_value");
        for (String part : List.of("/cancel", "/cancel?publish=best", "/pause", "/resume")) {
            assertThat(api.post("/api/v1/jobs/" + trained + part).code()).isEqualTo("job_has_ended");
        }
        assertThat(api.get("/api/v1/jobs/" + trained + "/checkpoints").json().get("data"))
                .as("the model is enough")
                .isEmpty();
        api.post("/api/v1/jobs/" + trained + "/checkpoints/1/publish");
        for (String part : List.of("/predictions", "/predictions.csv")) {
            assertThat(api.get("/api/v1/jobs/" + trained + part).code()).isEqualTo("no_predictions");
        }
        for (String kind : List.of("evaluations", "predictions")) {
            String id = api.post("/api/v1/" + kind, "{\"model\":\"" + model + "\",\"dataset\":\"" + version + "\"}")
                    .text("id");
            String path = "/api/v1/" + kind + "/" + id;
            api.stream(path + "/events", null, Stream::count);
            assertThat(api.get(path).text("status")).isEqualTo("succeeded");
            api.get("/api/v1/" + kind);
            api.get(path + "/events");
            List<String> results = kind.equals("evaluations")
                    ? List.of("/report", "/report.html", "/predictions", "/predictions.csv")
                    : List.of("/download");
            results.forEach(part -> assertThat(api.get(path + part).status()).isEqualTo(200));
            api.post(path + "/cancel");
            assertThat(api.delete(path).status()).isEqualTo(204);
        }
        api.uploadTo("/api/v1/predictions/upload", "x.csv", new byte[] {1}, Map.of("model", "nope"));
        api.get("/api/v1/models");
        api.post("/api/v1/models", "{\"source\":\"no source\"}");
        api.uploadTo("/api/v1/models/upload", "x.zip", new byte[] {1}, Map.of());
        api.get("/api/v1/models/" + model + "/lineage");
        api.get("/api/v1/models/" + model + "/events");
        api.get("/api/v1/models/" + model);
        api.get("/api/v1/models/" + model + "/download");
        api.post("/api/v1/models/" + model + "/predict", "{\"inputs\":[\"x\"]}");
        api.post("/api/v1/models/" + model + "/generate", "{\"prompt\":\"x\"}");
        api.post("/api/v1/jobs/estimate", "{}");
        api.delete("/api/v1/models/mdl_nope");
        api.delete("/api/v1/jobs/job_nope");
        String worker =
                api.get("/api/v1/workers").json().get("data").get(0).get("id").asString();
        api.post("/api/v1/workers/" + worker + "/drain");
        api.post("/api/v1/workers/" + worker + "/undrain");
        api.post("/api/v1/webhooks", "{\"url\":\"http://127.0.0.1/\",\"events\":[\"job.failed\"]}");
        api.get("/api/v1/webhooks");
        api.get("/api/v1/webhooks/wh_nope");
        api.get("/api/v1/webhooks/wh_nope/deliveries");
        api.delete("/api/v1/webhooks/wh_nope");
        api.post("/api/v1/projects", "{\"id\":\"journey\"}");
        api.get("/api/v1/projects");
        api.get("/api/v1/projects/journey");
        api.patch("/api/v1/projects/journey", "{\"limits\":{\"max_datasets\":3}}");
        String key = api.post("/api/v1/keys", "{\"name\":\"j\",\"role\":\"viewer\",\"project\":\"journey\"}")
                .text("id");
        api.get("/api/v1/keys");
        api.get("/api/v1/keys/" + key);
        api.delete("/api/v1/keys/" + key);
        api.get("/api/v1/audit");

        assertThat(Contract.notCalled()).isEmpty();
    }

    private String upload() {
        return api.upload("reviews.csv", Reviews.csv(120), Map.of()).text("id");
    }

    private String submit(String dataset, String fields) {
        return api.post(
                        "/api/v1/jobs",
                        "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset
                                + "\",\"hyperparameters\":{\"epochs\":2,\"max_length\":32}" + fields + "}")
                .text("id");
    }

    private Answer predict(JsonNode job, String body) {
        return api.post("/api/v1/models/" + job.get("model").asString() + "/predict", body);
    }

    private String sha256(JsonNode job) {
        return api.get("/api/v1/models/" + job.get("model").asString()).text("sha256");
    }

    private List<String> ids(String after, int count) {
        List<String> ids = new ArrayList<>();
        api.stream(
                "/api/v1/jobs/" + trained + "/events",
                after,
                lines -> lines.filter(line -> line.startsWith("id:"))
                        .limit(count)
                        .forEach(line -> ids.add(line.substring(3).strip())));
        return ids;
    }
}
