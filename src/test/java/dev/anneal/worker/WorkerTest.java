package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What becomes of a job whose trainer does not reach its end by itself. */
@ServerTest
class WorkerTest {
    @Autowired
    Api api;

    @Test
    void theTrainerOfACancelledJobIsGoneWithinTwoSeconds() throws Exception {
        String id = submit("\"epochs\":1000");
        ProcessHandle trainer = trainerOf(id);

        Instant cancelled = Instant.now();
        assertThat(api.post("/api/v1/jobs/" + id + "/cancel").text("status")).isEqualTo("cancelled");
        trainer.onExit().get(10, TimeUnit.SECONDS);

        assertThat(Duration.between(cancelled, Instant.now())).isLessThan(Duration.ofSeconds(2));
        assertThat(api.await(id).get("status").asString()).isEqualTo("cancelled");
    }

    @Test
    void aTrainerThatIsKilledFailsItsJobWithTheReason() throws Exception {
        String id = submit("\"epochs\":1000");
        trainerOf(id).destroyForcibly();

        JsonNode job = api.await(id);
        assertThat(job.get("status").asString()).isEqualTo("failed");
        assertThat(job.get("error").get("code").asString()).isEqualTo("trainer_killed");
        assertThat(job.get("error").get("message").asString()).contains("memory");
        assertThat(job.get("finished_at").isNull()).isFalse();
    }

    @AfterEach
    void cancelWhatRuns() {
        for (JsonNode job : api.get("/api/v1/jobs?status=running").json().get("data")) {
            api.post("/api/v1/jobs/" + job.get("id").asString() + "/cancel");
        }
    }

    private String submit(String hyperparameters) {
        String dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        return api.post(
                        "/api/v1/jobs",
                        "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset
                                + "\",\"hyperparameters\":{\"max_length\":32," + hyperparameters + "}}")
                .text("id");
    }

    /** Waits for the first step, then finds the only Java process that this one has started. */
    private ProcessHandle trainerOf(String id) throws Exception {
        CompletableFuture<Void> step = new CompletableFuture<>();
        api.stream("/api/v1/jobs/" + id + "/events", null, lines -> {
            assertThat(lines.anyMatch("event:step"::equals)).isTrue();
            step.complete(null);
        });
        step.get(60, TimeUnit.SECONDS);
        return ProcessHandle.current()
                .descendants()
                .filter(p -> p.info().command().orElse("").endsWith("java"))
                .findFirst()
                .orElseThrow();
    }
}
