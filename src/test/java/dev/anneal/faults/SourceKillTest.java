package dev.anneal.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.SourceServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A server is killed while it fetches the file of a dataset. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class SourceKillTest {
    private static final String[] SETTINGS = {
        "--anneal.outbound.allow=127.0.0.1",
        "--anneal.validation.lease=3s",
        "--anneal.validation.poll=500ms",
        "--anneal.validation.heartbeat=200ms"
    };
    private static final byte[] ROWS = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n".getBytes(UTF_8);

    @Test
    void theNextServerFetchesTheFileAgainAndNothingIsLeft() throws Exception {
        CountDownLatch killed = new CountDownLatch(1);
        try (SourceServer source = new SourceServer();
                Installation installation = new Installation()) {
            source.on("/rows.csv", exchange -> {
                exchange.sendResponseHeaders(200, ROWS.length);
                exchange.getResponseBody().write(ROWS, 0, 7);
                exchange.getResponseBody().flush();
                await(killed);
                exchange.getResponseBody().write(ROWS, 7, ROWS.length - 7);
            });
            ServerNode server =
                    installation.node("api", "api", SETTINGS).start().awaitReady();
            Answer accepted = server.client()
                    .uploadTo(
                            "/api/v1/datasets",
                            List.of(),
                            Map.of("source", source.url("/rows.csv")),
                            "Prefer",
                            "respond-async");
            String path = "/api/v1/datasets/" + accepted.text("id");
            Client first = server.client();
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> first.get(path)
                                    .json()
                                    .path("progress")
                                    .path("read_bytes")
                                    .asInt()
                            == 7);
            server.kill();
            killed.countDown();

            Client next = server.start().awaitReady().client();
            JsonNode dataset = Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .until(
                            () -> next.get(path).json(),
                            it -> !it.get("status").asString().equals("validating"));

            assertThat(dataset.get("status").asString()).isEqualTo("ready");
            assertThat(dataset.get("row_count").asInt()).isEqualTo(4);
            assertThat(dataset.get("source").asString()).isEqualTo(source.url("/rows.csv"));
            assertThat(source.count("/rows.csv")).isEqualTo(2);
            Path files = server.data().resolve("uploads/datasets");
            Awaitility.await().untilAsserted(() -> assertThat(files).isEmptyDirectory());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(5, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
