package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FollowTest {
    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @AfterEach
    void close() {
        server.close();
    }

    private void connections(String... texts) {
        Queue<String> queue = new ArrayDeque<>(List.of(texts));
        server.on("GET /jobs/job_1/events", (exchange, request) -> Bodies.stream(exchange, queue.remove()));
    }

    private static String events(int from, int to) {
        return String.join("", Bodies.EVENTS.subList(from - 1, to));
    }

    @Test
    void aLostStreamContinuesAfterTheLastWholeEvent() {
        String torn = Bodies.EVENTS.get(3).substring(0, 40);
        connections(events(1, 3) + torn, ": still there\n\n" + events(4, 5), events(6, 8));

        Run run = Run.of(server, "follow", "job_1", "--json");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()
                        .lines()
                        .map(line -> Json.MAPPER.readTree(line).get("id").asInt()))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(server.requests.stream()
                        .filter(request -> request.path().endsWith("/events"))
                        .map(request -> request.headers().getOrDefault("last-event-id", "none")))
                .containsExactly("none", "3", "5");
    }

    @Test
    void aServerThatRestartsIsWaitedFor() {
        Queue<String> connections = new ArrayDeque<>(List.of(events(1, 3), "", events(4, 8)));
        server.on("GET /jobs/job_1/events", (exchange, request) -> {
            String text = connections.remove();
            if (text.isEmpty()) {
                ScriptedServer.respond(exchange, 503, "text/html", "starting");
            } else {
                Bodies.stream(exchange, text);
            }
        });

        Run run = Run.of(server, "follow", "job_1");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).containsSubsequence("connection lost, reconnecting", "100%", "Test accuracy 93.5%");
    }

    @Test
    void dataOverSeveralLinesAndWindowsLineEndsAreOneEvent() {
        connections("id:1\r\nevent:status\r\ndata:{\"id\": 1, \"type\": \"status\",\r\ndata: \"data\": {\"status\":\r\n"
                + "data:\"cancelled\"}}\r\n\r\n");
        server.on("GET /jobs/job_1", 200, Bodies.job("cancelled"));

        Run run = Run.of(server, "follow", "job_1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("The job was cancelled.");
    }

    @Test
    void aFailedJobSaysWhyAndFails() {
        connections(events(1, 3) + Bodies.event(4, "status", "{\"status\": \"failed\", \"attempt\": 1}"));
        server.on("GET /jobs/job_1", 200, Bodies.job("failed"));

        Run run = Run.of(server, "follow", "job_1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("The job failed. Out of memory.");
    }

    @Test
    void aSecondAttemptSaysWhetherThereIsACheckpoint() {
        String second = Bodies.event(8, "status", "{\"status\": \"running\", \"attempt\": 2}")
                + Bodies.event(9, "status", "{\"status\": \"succeeded\", \"attempt\": 2}");
        connections(events(1, 3) + second, events(1, 7) + second);

        assertThat(Run.of(server, "follow", "job_1").out()).contains("attempt 2, from the start");
        assertThat(Run.of(server, "follow", "job_1").out()).contains("attempt 2, from the last checkpoint");
    }

    @Test
    void aJobThatDoesNotExistIsRefusedAtOnce() {
        server.on("GET /jobs/job_9/events", 404, """
                {"code": "job_not_found", "detail": "There is no job job_9.", "status": 404}""");

        Run run = Run.of(server, "follow", "job_9");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("anneal: There is no job job_9.\n");
        assertThat(server.requests).hasSize(1);
    }
}
