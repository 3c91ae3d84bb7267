package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Whatever is killed, stopped or refused while a job trains, it ends with the weights that it has in peace. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class SurvivalTest {
    private static Installation installation;
    private static Client api;
    private static Node worker;
    private static String dataset;
    private static History undisturbed;

    private String job;

    @BeforeAll
    static void runOnceInPeace() {
        installation = new Installation();
        api = installation.api().client();
        worker = installation.worker("worker");
        dataset = api.upload("reviews.csv", Reviews.csv(120), Map.of()).text("id");
        undisturbed = Submission.awaitEnd(api, submit());
        undisturbed.assertWhole();
    }

    @AfterAll
    static void stop() {
        installation.close();
    }

    @BeforeEach
    void begin() {
        if (!worker.isAlive()) {
            worker.start(); // one that failed has left it so
        }
        job = submit();
    }

    /** Methods that have little to compute and little to store. */
    private static String submit() {
        return Submission.submit(
                api,
                dataset,
                Map.of("epochs", 3),
                Map.of("method", Map.of("type", "frozen", "frozen_layers", 4, "freeze_embeddings", true)));
    }

    @AfterEach
    void theJobIsWholeAndEqual() {
        History history = Submission.awaitEnd(api, job);
        history.assertWhole();
        history.assertEquals(undisturbed);
    }

    @Test
    void aTrainerThatIsKilledGoesOnFromTheLastCheckpoint() {
        Submission.awaitStep(api, job, 1, 5);
        worker.awaitTrainer(job).process().destroyForcibly();

        assertWentOn(Submission.awaitEnd(api, job));
    }

    @Test
    void aWorkerThatIsAskedToEndIsGoneInTimeWithACheckpointThatTheNextStartGoesOnFrom() {
        Submission.awaitStep(api, job, 1, 5);
        Duration took = worker.terminate(30);
        JsonNode newest = checkpoints().get(0);
        System.out.printf("SIGTERM: ended after %d ms with the checkpoint %s%n", took.toMillis(), newest);

        assertThat(newest.get("reason").asString()).isEqualTo("stop");
        assertThat(newest.get("step").asInt()).isGreaterThanOrEqualTo(5);
        worker.start();
        assertThat(Submission.awaitEnd(api, job).resumedFrom())
                .endsWith(newest.get("step").asInt());
    }

    @Test
    void aTornCheckpointIsPassedOverForTheOneBefore() throws IOException {
        Submission.awaitStep(api, job, 1, 8);
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> checkpoints().size() >= 2);
        worker.kill();
        JsonNode kept = checkpoints();
        int newest = kept.get(0).get("step").asInt();
        String artifact = installation
                .sql()
                .sql("select artifact from job_checkpoints where job_id = ? and step = ?")
                .params(job, newest)
                .query(String.class)
                .single();
        Path file = installation.root.resolve("data/artifacts/" + artifact + "/training.safetensors");
        try (FileChannel torn = FileChannel.open(file, StandardOpenOption.WRITE)) {
            torn.truncate(torn.size() / 2);
        }

        worker.start();
        History history = Submission.awaitEnd(api, job);
        assertThat(history.resumedFrom()).endsWith(kept.get(1).get("step").asInt());
        history.data("log").map(log -> log.get("message")).forEach(System.out::println);
        assertThat(history.data("log").filter(log -> log.get("level").asString().equals("warn")))
                .anyMatch(log ->
                        log.get("message").asString().endsWith("is passed over: training.safetensors is damaged"));
    }

    @Test
    void aStoreThatRefusesCheckpointsCostsNeitherTheJobNorThoseThatItHas() throws IOException {
        Submission.awaitStep(api, job, 1, 1);
        Path store = installation.root.resolve("data/artifacts/checkpoints");
        Path aside = store.resolveSibling("aside");
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> !checkpoints().isEmpty());
        Files.move(store, aside);
        Files.createFile(store);
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> History.of(api, job)
                            .data("log")
                            .anyMatch(log -> log.get("message").asString().contains("could not be stored")));
        } finally {
            Files.delete(store);
            Files.move(aside, store);
        }
        worker.awaitTrainer(job).process().destroyForcibly();

        assertWentOn(Submission.awaitEnd(api, job));
    }

    @Test
    void anOutageOfPostgresIsSaidAndOnlyTakesTime() throws IOException {
        Submission.awaitStep(api, job, 1, 3);
        installation.postgres.stop("QUIT");
        Awaitility.await()
                .during(Duration.ofSeconds(30)) // five leases
                .atMost(Duration.ofSeconds(60))
                .until(() -> api.inAnOutage().get("/api/v1/jobs/" + job).code(), "database_unavailable"::equals);
        installation.postgres.start();

        assertThat(Submission.awaitEnd(api, job).attempts()).isEqualTo(1);
    }

    private static void assertWentOn(History history) {
        assertThat(history.attempts()).isEqualTo(2);
        assertThat(history.resumedFrom()).hasSize(2);
        assertThat(history.resumedFrom().get(1)).isPositive();
    }

    private JsonNode checkpoints() {
        return api.get("/api/v1/jobs/" + job + "/checkpoints").json().get("data");
    }
}
