package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.S3Server;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A bucket that cannot be reached for half a minute, then one that accepts calls and does not answer. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class S3OutageTest {
    private static final Map<String, ?> EPOCHS = Map.of("epochs", 3);
    private static final Map<String, ?> ONE_ATTEMPT =
            Map.of("max_attempts", 1, "method", Submission.FROZEN.get("method"));

    @Test
    void aTrainedModelIsStoredAfterTheOutageAndLoadedModelsAreServedDuringIt() throws Exception {
        try (Installation installation = new Installation();
                S3Server s3 = new S3Server()) {
            Client api = installation
                    .nodeIn("api", "api", "api,inference", HandOverTest.store(s3))
                    .with(HandOverTest.CREDENTIALS)
                    .start()
                    .awaitReady()
                    .client();
            installation
                    .nodeIn("worker", "worker", "worker", HandOverTest.worker(s3))
                    .with(HandOverTest.CREDENTIALS)
                    .start();
            String dataset =
                    api.upload("reviews.csv", Reviews.csv(120), Map.of()).text("id");
            JobHistory undisturbed = Submission.awaitEnd(api, Submission.submit(api, dataset, EPOCHS, ONE_ATTEMPT));
            String job = Submission.submit(api, dataset, EPOCHS, ONE_ATTEMPT);
            Submission.awaitStep(api, job, 1, 1);

            s3.close();
            assertThat(predict(api, undisturbed).code()).isEqualTo("store_unavailable");
            assertThat(api.upload("reviews.csv", Reviews.csv(60), Map.of()).status())
                    .isEqualTo(201);
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> JobHistory.of(api, job)
                            .data("log")
                            .anyMatch(log -> log.get("message")
                                    .asString()
                                    .contains("The artifact store is unavailable: cannot store the model")));
            Awaitility.await() // longer than all the attempts of a job would last
                    .during(Duration.ofSeconds(30))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> api.get("/api/v1/jobs/" + job).text("status"), "running"::equals);
            s3.start();
            JobHistory history = Submission.awaitEnd(api, job);

            history.data("log").map(log -> log.get("message")).forEach(System.out::println);
            history.assertWhole();
            history.assertEquals(undisturbed);
            assertThat(history.attempts()).isEqualTo(1);
            assertThat(predict(api, undisturbed).status()).isEqualTo(200);
            Signals.send("STOP", s3.handle());
            CompletableFuture<Client.Answer> waits = CompletableFuture.supplyAsync(() -> predict(api, history));
            Awaitility.await()
                    .during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> predict(api, undisturbed).status() == 200);
            assertThat(waits).isNotDone();
            Signals.send("CONT", s3.handle());
            assertThat(waits.get(1, TimeUnit.MINUTES).status()).isEqualTo(200);
        }
    }

    private static Client.Answer predict(Client api, JobHistory of) {
        return api.inAnOutage()
                .post(
                        "/api/v1/models/" + of.job().get("model").asString() + "/predict",
                        "{\"inputs\":[\"a fine film\"]}");
    }
}
