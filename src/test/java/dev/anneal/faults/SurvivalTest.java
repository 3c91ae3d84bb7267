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

/** A job whose trainer, worker, store or database fails ends with the weights of an undisturbed run. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class SurvivalTest {
    private static final Map<String, ?> EPOCHS = Map.of("epochs", 3);

    private static Installation installation;
    private static Client api;
    private static ServerNode worker;
    private static String dataset;
    private static JobHistory undisturbed;

    private String job;

    @BeforeAll
    static void runOnceUndisturbed() {
        installation = new Installation();
        api = installation.api().client();
        worker = installation.worker("worker");
        dataset = api.upload("reviews.csv", Reviews.csv(120), Map.of()).text("id");
        undisturbed = Submission.awaitEnd(api, Submission.submit(api, dataset, EPOCHS, Submission.FROZEN));
        undisturbed.assertWhole();
    }

    @AfterAll
    static void stop() {
        installation.close();
    }

    @BeforeEach
    void begin() {
        if (!worker.isAlive()) {
            worker.start(); // a test that failed may have left it stopped
        }
        job = Submission.submit(api, dataset, EPOCHS, Submission.FROZEN);
    }

    @AfterEach
    void theJobIsWholeAndEqual() {
        JobHistory history = Submission.awaitEnd(api, job);
        history.assertWhole();
        history.assertEquals(undisturbed);
    }

    @Test
    void aJobWhoseTrainerIsKilledResumesFromTheLastCheckpoint() {
        Submission.awaitStep(api, job, 1, 5);
        worker.awaitTrainer(job).process().destroyForcibly();

        Submission.awaitEnd(api, job).assertResumedOnce();
    }

    @Test
    void aWorkerThatShutsDownLeavesACheckpointThatTheNextOneResumesFrom() {
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
    void aCorruptCheckpointIsSkippedAndTheOneBeforeItIsUsed() throws IOException {
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
        JobHistory history = Submission.awaitEnd(api, job);
        assertThat(history.resumedFrom()).endsWith(kept.get(1).get("step").asInt());
        history.data("log").map(log -> log.get("message")).forEach(System.out::println);
        assertThat(history.data("log").filter(log -> log.get("level").asString().equals("warn")))
                .anyMatch(log -> log.get("message")
                        .asString()
                        .matches("Skipped the checkpoint .*: training\\.safetensors is corrupt\\."));
    }

    @Test
    void aJobContinuesAndKeepsItsCheckpointsIfTheStoreRefusesNewOnes() throws IOException {
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
                    .until(() -> JobHistory.of(api, job)
                            .data("log")
                            .anyMatch(log -> log.get("message").asString().contains("could not be stored")));
        } finally {
            Files.delete(store);
            Files.move(aside, store);
        }
        worker.awaitTrainer(job).process().destroyForcibly();

        Submission.awaitEnd(api, job).assertResumedOnce();
    }

    @Test
    void anOutageOfPostgresIsReportedAndOnlyDelaysTheJob() throws IOException {
        Submission.awaitStep(api, job, 1, 3);
        installation.postgres.stop("QUIT");
        Awaitility.await()
                .during(Duration.ofSeconds(30)) // five leases
                .atMost(Duration.ofSeconds(60))
                .until(() -> api.inAnOutage().get("/api/v1/jobs/" + job).code(), "database_unavailable"::equals);
        installation.postgres.start();

        assertThat(Submission.awaitEnd(api, job).attempts()).isEqualTo(1);
    }

    private JsonNode checkpoints() {
        return api.get("/api/v1/jobs/" + job + "/checkpoints").json().get("data");
    }
}
