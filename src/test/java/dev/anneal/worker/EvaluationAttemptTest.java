package dev.anneal.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Evaluations that are killed or cancelled while their process runs, or that wait in the same queue as jobs. */
@ServerTest
@TestPropertySource(properties = "anneal.trainer.checkpoint-seconds=0.5")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EvaluationAttemptTest {
    private static final int ROWS = 10_000;

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    private String model;
    private String dataset;

    @BeforeAll
    void addTheModelAndRows() throws IOException {
        Path tiny = TestModels.tiny(TestServer.newDirectory().resolve("tiny"), "negative", "positive");
        model = models.add("classifier", "default", tiny).getId();
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < ROWS; i++) {
            rows.append("wet and cold and long ".repeat(1 + i % 20))
                    .append(i)
                    .append(i % 2 == 0 ? ",negative\n" : ",positive\n");
        }
        dataset = api.upload("long.csv", rows.toString().getBytes(UTF_8), Map.of())
                .text("id");
    }

    @Test
    void aKilledEvaluationContinuesAndIsRight() {
        String id = evaluate();
        awaitEvent(id, "checkpoint");
        trainer().destroyForcibly();

        api.stream("/api/v1/evaluations/" + id + "/events", null, Stream::count);
        JsonNode evaluation = api.get("/api/v1/evaluations/" + id).json();
        assertThat(evaluation.get("status").asString()).as("%s", evaluation).isEqualTo("succeeded");
        assertThat(evaluation.get("attempt").asInt()).isEqualTo(2);
        assertThat(events(id).toString()).contains("computed by an earlier attempt");
        assertThat(evaluation.get("metrics").get("examples").asInt()).isEqualTo(ROWS);
        long right = 0;
        long after = 0;
        for (int rows = 0; rows < ROWS; ) {
            JsonNode page = api.get("/api/v1/evaluations/" + id + "/predictions?limit=1000&after=" + after)
                    .json();
            for (JsonNode row : page.get("data")) {
                rows++;
                assertThat(row.get("number").asLong()).isEqualTo(rows);
                right += row.get("right").asBoolean() ? 1 : 0;
            }
            assertThat(page.get("has_more").asBoolean()).isEqualTo(rows < ROWS);
            after = rows;
        }
        assertThat(evaluation.get("metrics").get("accuracy").asDouble()).isEqualTo((double) right / ROWS);
    }

    @Test
    void theProcessOfACancelledEvaluationIsGoneWithinTwoSecondsAndThenItCanBeDeleted() throws Exception {
        String id = evaluate();
        awaitEvent(id, "progress");
        ProcessHandle process = trainer();
        String path = "/api/v1/evaluations/" + id;
        assertThat(api.delete(path).code()).isEqualTo("evaluation_not_finished");
        assertThat(api.delete("/api/v1/datasets/" + dataset).code()).isEqualTo("dataset_in_use");
        assertThat(api.delete("/api/v1/models/" + model).code()).isEqualTo("model_in_use");

        Instant cancelled = Instant.now();
        assertThat(api.post(path + "/cancel").text("status")).isEqualTo("cancelled");
        process.onExit().get(10, TimeUnit.SECONDS);

        assertThat(Duration.between(cancelled, Instant.now())).isLessThan(Duration.ofSeconds(2));
        assertThat(api.get(path + "/report").code()).isEqualTo("no_report");
        assertThat(api.get(path + "/predictions").code()).isEqualTo("no_predictions");
        assertThat(api.delete(path).status()).isEqualTo(204);
    }

    @Test
    void anEvaluationWhoseComparedOneIsDeletedWhileItWaitsSaysSo() {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 20; i++) {
            rows.append("cold ").append(i).append(",negative\nwarm ").append(i).append(",positive\n");
        }
        String few =
                api.upload("few.csv", rows.toString().getBytes(UTF_8), Map.of()).text("id");
        String compared = evaluate(few, "");
        api.stream("/api/v1/evaluations/" + compared + "/events", null, Stream::count);
        String running = evaluate();
        awaitEvent(running, "progress");
        String waiting = evaluate(few, ",\"compare_to\":\"" + compared + "\"");

        assertThat(api.delete("/api/v1/evaluations/" + compared).status()).isEqualTo(204);
        assertThat(api.get("/api/v1/evaluations/" + waiting).text("status")).isEqualTo("queued");
        api.post("/api/v1/evaluations/" + running + "/cancel");
        api.stream("/api/v1/evaluations/" + waiting + "/events", null, Stream::count);

        JsonNode error = api.get("/api/v1/evaluations/" + waiting).json().get("error");
        assertThat(error.path("code").asString()).isEqualTo("evaluation_deleted");
        assertThat(error.path("message").asString()).contains(compared, "was deleted");
    }

    private String evaluate() {
        return evaluate(dataset, "");
    }

    private String evaluate(String rows, String more) {
        return made(
                        "/api/v1/evaluations",
                        "{\"model\":\"%s\",\"dataset\":\"%s\",\"split\":\"all\"%s}".formatted(model, rows, more))
                .text("id");
    }

    private void awaitEvent(String id, String type) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> events(id)
                        .valueStream()
                        .anyMatch(event -> event.get("type").asString().equals(type)));
    }

    private JsonNode events(String id) {
        return api.get("/api/v1/evaluations/" + id + "/events?limit=1000")
                .json()
                .get("data");
    }

    private static ProcessHandle trainer() {
        List<ProcessHandle> trainers = ProcessHandle.current()
                .descendants()
                .filter(EvaluationAttemptTest::isTrainer)
                .toList();
        assertThat(trainers).hasSize(1);
        return trainers.get(0);
    }

    /** Model hosts are children, too. */
    private static boolean isTrainer(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .contains("dev.anneal.training.Trainer");
        } catch (IOException ended) {
            return false;
        }
    }

    private Answer made(String path, String body) {
        Answer answer = api.post(path, body);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer;
    }
}
