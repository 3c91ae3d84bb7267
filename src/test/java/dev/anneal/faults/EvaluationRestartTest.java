package dev.anneal.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.TestServer;
import dev.anneal.testing.TinyClassifier;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A server with a running evaluation of many rows is killed, and started again with its data directory. */
@Tag("faults")
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
class EvaluationRestartTest {
    private static final int ROWS = 100_000;
    private static final List<String> LABELS = List.of("bad", "fair", "good");

    private final ServerNode server =
            new ServerNode("server", TestServer.newDirectory().toAbsolutePath(), List.of(), Map.of());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void anEvaluationOfAHundredThousandRowsSurvivesAKillOfAllProcesses() {
        Client api = start();
        String model = made(api.uploadTo("/api/v1/models", "m.zip", TinyClassifier.zip(), Map.of("name", "tiny")));
        String dataset = made(
                api.upload("many.csv", rows(), Map.of("split", "{\"validation\":0,\"test\":0}"), "Prefer", "wait=300"));
        String id = made(api.post(
                "/api/v1/evaluations",
                "{\"model\":\"%s\",\"dataset\":\"%s\",\"split\":\"all\"}".formatted(model, dataset)));
        String path = "/api/v1/evaluations/" + id;
        api.stream(
                path + "/events",
                null,
                lines -> assertThat(lines.anyMatch("event:progress"::equals)).isTrue());

        server.killTree();
        api = start();

        api.stream(path + "/events", null, Stream::count);
        JsonNode evaluation = api.get(path).json();
        assertThat(evaluation.get("status").asString()).as("%s", evaluation).isEqualTo("succeeded");
        assertThat(evaluation.get("attempt").asInt()).isGreaterThan(1);
        assertThat(evaluation.get("metrics").get("examples").asInt()).isEqualTo(ROWS);
        List<String> lines = new String(api.get(path + "/predictions.csv").bytes(), UTF_8)
                .lines()
                .toList();
        assertThat(lines).hasSize(1 + ROWS);
        assertThat(lines.get(ROWS)).startsWith(ROWS + ",train,," + (ROWS + 1) + ",");
        long right = lines.stream().filter(line -> line.contains(",true,")).count();
        assertThat(evaluation.get("metrics").get("accuracy").asDouble()).isEqualTo((double) right / ROWS);
    }

    private static byte[] rows() {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < ROWS; i++) {
            rows.append("good ".repeat(1 + i * 7 % 13))
                    .append(i)
                    .append(',')
                    .append(LABELS.get(i % 3))
                    .append('\n');
        }
        return rows.toString().getBytes(UTF_8);
    }

    private static String made(Answer answer) {
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer.text("id");
    }

    private Client start() {
        return server.start().awaitReady().client();
    }
}
