package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Attempts that end because the artifact store stays unavailable, here for longer than a worker waits. */
@ServerTest
@TestPropertySource(
        properties = {
            "anneal.worker.patience=100ms",
            "anneal.worker.backoff=100ms",
            "anneal.worker.longest-backoff=100ms",
            "anneal.worker.devices=cpu"
        })
class StoreOutageAttemptsTest {
    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @Autowired
    DataDirectory data;

    @Test
    void theyDoNotCountTowardsMaxAttempts() throws IOException {
        Path store = data.file("artifacts");
        Path aside = data.file("aside");
        String dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        String before = submit(dataset, 1000); // occupies the only slot until the store is gone
        api.stream(
                "/api/v1/jobs/" + before + "/events",
                null,
                lines -> assertThat(lines.anyMatch(line -> line.contains("event:step")))
                        .isTrue());
        String id = submit(dataset, 1);

        Files.move(store, aside);
        Files.createFile(store);
        api.post("/api/v1/jobs/" + before + "/cancel");
        api.stream(
                "/api/v1/jobs/" + id + "/events",
                null,
                lines -> assertThat(lines.filter(line ->
                                        line.contains("\"status\":\"queued\"") && line.contains("store_unavailable"))
                                .limit(3)
                                .count())
                        .isEqualTo(3));
        Files.delete(store);
        Files.move(aside, store);

        JsonNode job = api.await(id);
        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isGreaterThan(3);
    }

    private String submit(String dataset, int epochs) {
        return api.post("/api/v1/jobs", """
                        {"base_model":"%s","dataset":"%s","max_attempts":1,
                         "hyperparameters":{"max_length":16,"batch_size":1,"epochs":%d}}""".formatted(models.tiny(), dataset, epochs))
                .text("id");
    }
}
