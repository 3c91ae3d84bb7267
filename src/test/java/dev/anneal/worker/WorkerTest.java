package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Jobs that are cancelled, paused or killed while their trainer runs. They take seconds, by many steps of a tiny model. */
@ServerTest
class WorkerTest {
    private static final int ROWS = 300;
    private static final String THREE_EPOCHS = "\"epochs\":3,\"eval_steps\":100";

    private static JsonNode uninterrupted;

    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @Autowired
    MeterRegistry meters;

    @Test
    void theTrainerOfACancelledJobIsGoneWithinTwoSecondsAndItsAttemptCountsAsCancelled() throws Exception {
        double lost = attempts("lost");
        double before = attempts("cancelled");
        String id = submit("\"epochs\":1000");
        ProcessHandle trainer = trainerOf(id);

        Instant cancelled = Instant.now();
        assertThat(api.post("/api/v1/jobs/" + id + "/cancel").text("status")).isEqualTo("cancelled");
        trainer.onExit().get(10, TimeUnit.SECONDS);

        assertThat(Duration.between(cancelled, Instant.now())).isLessThan(Duration.ofSeconds(2));
        assertThat(api.await(id).get("status").asString()).isEqualTo("cancelled");
        Awaitility.await().until(() -> attempts("cancelled") > before);
        assertThat(attempts("lost")).isEqualTo(lost);
    }

    private double attempts(String outcome) {
        return meters.counter("anneal.attempts", "outcome", outcome).count();
    }

    @Test
    void aKilledTrainerResumesFromItsCheckpointToTheSameBytes() throws Exception {
        JsonNode whole = uninterrupted();
        String id = submit(THREE_EPOCHS, ",\"checkpoints\":{\"every_steps\":100}");
        awaitEvent(id, "checkpoint");
        trainer().destroyForcibly();

        JsonNode job = api.await(id);
        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isGreaterThan(1);
        assertThat(started(id).get(0).get("resumed_from_step").isNull()).isTrue();
        assertThat(events(id, "checkpoint").stream().map(checkpoint -> checkpoint.get("step")))
                .as("steps of the checkpoints")
                .contains(started(id).get(1).get("resumed_from_step"));
        assertThat(events(id, "status").toString()).contains("next_attempt_at", "trainer_killed");
        assertThat(sha256(job)).isEqualTo(sha256(whole));
        assertThat(withoutTimes(job)).isEqualTo(withoutTimes(whole));
        assertThat(events(id, "epoch")).as("no epoch is missing or doubled").hasSize(3);
        assertThat(events(id, "validation").stream()
                        .map(validation -> validation.get("step").asInt()))
                .containsExactly(100, 200, 300, 400, 500, 600, 700);
        assertThat(job.get("metrics")
                        .valueStream()
                        .map(metrics -> metrics.get("step").asInt()))
                .containsExactly(100, 200, 240, 300, 400, 480, 500, 600, 700, 720);
        assertThat(api.get("/api/v1/jobs/" + id + "/checkpoints").json().get("data"))
                .isEmpty();
    }

    @Test
    void aPausedJobFreesItsSlotAndEndsWithTheBytesOfAnUninterruptedOne() throws Exception {
        JsonNode whole = uninterrupted();
        String id = submit(THREE_EPOCHS);
        ProcessHandle trainer = trainerOf(id);
        assertThat(api.post("/api/v1/jobs/" + id + "/pause").status()).isEqualTo(200);
        awaitEvent(id, "\"status\":\"paused\"");

        assertThat(api.get("/api/v1/jobs/" + id).text("status")).isEqualTo("paused");
        trainer.onExit().get(5, TimeUnit.SECONDS);
        JsonNode checkpoints =
                api.get("/api/v1/jobs/" + id + "/checkpoints").json().get("data");
        int step = checkpoints.get(0).get("step").asInt();
        assertThat(checkpoints.get(0).get("reason").asString())
                .as("%s", checkpoints.get(0))
                .isIn(
                        step % (whole.get("progress").get("steps").asInt() / 3) == 0
                                ? List.of("stop", "epoch")
                                : step % 100 == 0 ? List.of("stop", "validation") : List.of("stop"));
        JsonNode other = api.await(submit("\"epochs\":1"));
        assertThat(other.get("status").asString()).as("the slot is free").isEqualTo("succeeded");

        assertThat(api.post("/api/v1/jobs/" + id + "/resume").text("status"))
                .as("the worker may claim it before the answer is written")
                .isIn("queued", "running");
        JsonNode job = api.await(id);
        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertThat(started(id).get(1).get("resumed_from_step"))
                .isEqualTo(checkpoints.get(0).get("step"));
        assertThat(sha256(job)).isEqualTo(sha256(whole));
        assertThat(withoutTimes(job)).isEqualTo(withoutTimes(whole));
    }

    @Test
    void checkpointsBecomeModelsAndTheBestOneStaysWhenTheJobIsCancelled() {
        String id = submit("\"epochs\":1000");
        awaitEvent(id, "\"has_model\":true");
        int step = api.get("/api/v1/jobs/" + id + "/checkpoints")
                .json()
                .get("data")
                .valueStream()
                .filter(checkpoint -> checkpoint.get("best").asBoolean())
                .map(checkpoint -> checkpoint.get("step").asInt())
                .findFirst()
                .orElseThrow();
        Answer publication = api.post("/api/v1/jobs/" + id + "/checkpoints/" + step + "/publish");
        assertThat(publication.status()).as("%s", publication.json()).isEqualTo(201);
        String published = publication.text("id");
        JsonNode cancelled =
                api.post("/api/v1/jobs/" + id + "/cancel?publish=best").json();

        assertThat(cancelled.get("status").asString()).isEqualTo("cancelled");
        assertThat(cancelled.get("model").asString()).isEqualTo(id.replace("job_", "mdl_"));
        JsonNode model = api.get("/api/v1/models/" + published).json();
        assertThat(model.get("job").asString()).isEqualTo(id);
        assertThat(model.get("checkpoint_step").asInt()).isEqualTo(step);
        assertThat(model.get("metrics").get("split").asString()).isEqualTo("validation");
        assertThat(predict(published)).isEqualTo(200);
        assertThat(api.delete("/api/v1/models/" + published).status()).isEqualTo(204);
        assertThat(predict(cancelled.get("model").asString())).isEqualTo(200);
        assertThat(predict(published)).isEqualTo(404);
    }

    @Test
    void aTrainerThatCrashesInItsLastAttemptFailsItsJobWithTheReason() throws Exception {
        String id = submit("\"epochs\":1000", ",\"max_attempts\":1,\"checkpoints\":{\"every_steps\":10000}");
        ProcessHandle trainer = trainerOf(id);
        new ProcessBuilder("kill", "-ABRT", String.valueOf(trainer.pid()))
                .start()
                .waitFor();

        JsonNode job = api.await(id);
        assertThat(job.get("status").asString()).isEqualTo("failed");
        assertThat(job.get("error").get("code").asString()).isEqualTo("trainer_crashed");
        assertThat(job.get("error").get("message").asString()).contains("signal 6");
        assertThat(job.get("finished_at").isNull()).isFalse();
    }

    @Test
    void aTrainerThatIsKilledFromOutsideIsNotTheJobsFault() throws Exception {
        String id = submit(THREE_EPOCHS, ",\"max_attempts\":1,\"checkpoints\":{\"every_steps\":10000}");
        trainerOf(id).destroyForcibly();

        JsonNode job = api.await(id);
        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(2);
        assertThat(events(id, "status").toString())
                .contains("trainer_killed", "something else killed it")
                .doesNotContain("in a row");
    }

    @AfterEach
    void cancelWhatRuns() {
        for (JsonNode job : api.get("/api/v1/jobs?status=running").json().get("data")) {
            api.post("/api/v1/jobs/" + job.get("id").asString() + "/cancel");
        }
    }

    /** Returns the same job for all tests that compare with it. */
    private JsonNode uninterrupted() {
        if (uninterrupted == null) {
            uninterrupted = api.await(submit(THREE_EPOCHS));
        }
        return uninterrupted;
    }

    private String submit(String hyperparameters) {
        return submit(hyperparameters, "");
    }

    private String submit(String hyperparameters, String fields) {
        String dataset = api.upload("reviews.csv", Reviews.csv(ROWS), Map.of()).text("id");
        return api.post("/api/v1/jobs", """
                        {"base_model":"%s","dataset":"%s","hyperparameters":{"max_length":32,"batch_size":1,%s}%s}""".formatted(models.tiny(), dataset, hyperparameters, fields))
                .text("id");
    }

    private void awaitEvent(String id, String part) {
        api.stream(
                "/api/v1/jobs/" + id + "/events",
                null,
                lines -> assertThat(lines.anyMatch(line -> line.contains(part))).isTrue());
    }

    private List<JsonNode> events(String id, String type) {
        return api.get("/api/v1/jobs/" + id + "/events?limit=1000")
                .json()
                .get("data")
                .valueStream()
                .filter(event -> event.get("type").asString().equals(type))
                .map(event -> event.get("data"))
                .toList();
    }

    /** Returns the start event of each trainer. */
    private List<JsonNode> started(String id) {
        return events(id, "log").stream()
                .filter(log -> log.get("message").asString().equals("training starts"))
                .map(log -> log.get("data"))
                .toList();
    }

    private String sha256(JsonNode job) {
        return api.get("/api/v1/models/" + job.get("model").asString()).text("sha256");
    }

    private static List<JsonNode> withoutTimes(JsonNode job) {
        return job.get("metrics")
                .valueStream()
                .map(epoch -> (JsonNode) epoch.deepCopy()
                        .asObject()
                        .without(List.of("seconds", "examples_per_second", "evaluated_per_second")))
                .toList();
    }

    private int predict(String model) {
        return api.post("/api/v1/models/" + model + "/predict", "{\"inputs\":[\"a fine film\"]}")
                .status();
    }

    /** Waits for the first step, then finds the only Java process that this one has started. */
    private ProcessHandle trainerOf(String id) throws Exception {
        CompletableFuture<Void> step = new CompletableFuture<>();
        api.stream("/api/v1/jobs/" + id + "/events", null, lines -> {
            assertThat(lines.anyMatch("event:step"::equals)).isTrue();
            step.complete(null);
        });
        step.get(60, TimeUnit.SECONDS);
        return trainer();
    }

    private static ProcessHandle trainer() {
        return ProcessHandle.current()
                .descendants()
                .filter(WorkerTest::isTrainer)
                .findFirst()
                .orElseThrow();
    }

    /** Model hosts and checks of models are children, too. */
    private static boolean isTrainer(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .contains("dev.anneal.training.Trainer");
        } catch (IOException ended) {
            return false;
        }
    }
}
