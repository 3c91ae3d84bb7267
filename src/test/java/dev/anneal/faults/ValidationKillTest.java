package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A server is killed while it checks a file. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class ValidationKillTest {
    private static final String[] SETTINGS = {
        "--anneal.validation.lease=3s", "--anneal.validation.poll=500ms", "--anneal.validation.give-up-after=2s"
    };

    @Test
    void theNextServerChecksTheFileAgainAndNothingIsLeft() throws Exception {
        try (Installation installation = new Installation()) {
            ServerNode server =
                    installation.node("api", "api", SETTINGS).start().awaitReady();
            String kept;
            String lost;
            try (Connection connection = DriverManager.getConnection(installation.postgres.url(), "postgres", "none")) {
                connection.setAutoCommit(false);
                connection.createStatement().execute("lock table dataset_rows in exclusive mode"); // keeps it busy
                kept = upload(server.client());
                lost = upload(server.client());
                server.kill();
                connection.rollback();
            }
            Path files = server.data().resolve("uploads/datasets");
            Files.delete(files.resolve(lost).resolve("0"));

            Client api = server.start().awaitReady().client();
            JsonNode ready = awaitEnd(api, kept);
            assertThat(ready.get("status").asString()).isEqualTo("ready");
            assertThat(ready.get("row_count").asInt()).isEqualTo(120);
            assertThat(awaitEnd(api, lost).get("problem_codes").toString()).contains("validation_interrupted");
            Awaitility.await().untilAsserted(() -> assertThat(files).isEmptyDirectory());
            assertThat(installation
                            .sql()
                            .sql("select count(*) from dataset_rows")
                            .query(Long.class)
                            .single())
                    .isEqualTo(120);
        }
    }

    private static String upload(Client api) {
        Answer accepted = api.upload("reviews.csv", Reviews.csv(120), Map.of(), "Prefer", "respond-async");
        assertThat(accepted.status()).isEqualTo(202);
        return accepted.text("id");
    }

    private static JsonNode awaitEnd(Client api, String id) {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(
                        () -> api.get("/api/v1/datasets/" + id).json(),
                        dataset -> !dataset.get("status").asString().equals("validating"));
    }
}
