package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Real server processes, killed as a machine may kill them, and started again on what they left. */
class RestartTest {
    private final Path data = TestServer.newDirectory().toAbsolutePath();
    private Process server;

    @AfterEach
    void stop() throws InterruptedException {
        server.destroy();
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void afterAKillEverythingIsThereAndStillPredictsAndARunningJobGoesOn() throws Exception {
        Client api = start();
        String dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        String done = submit(api, dataset, 1);
        JsonNode finished = api.await(done);
        assertThat(finished.get("status").asString()).as("%s", finished).isEqualTo("succeeded");
        Snapshot before = Snapshot.of(api, done, dataset);
        String running = submit(api, dataset, 1000);
        api.stream(
                "/api/v1/jobs/" + running + "/events",
                null,
                lines -> assertThat(lines.anyMatch("event:checkpoint"::equals)).isTrue());

        List<ProcessHandle> tree = server.descendants().toList();
        kill(false); // the JVM alone: its Postgres lives on, its trainer must not
        for (ProcessHandle child : tree) {
            if (child.info().command().orElse("").endsWith("java")) {
                child.onExit().get(10, TimeUnit.SECONDS);
            }
        }
        api = start();
        assertThat(Snapshot.of(api, done, dataset)).isEqualTo(before);

        // On a slow machine the lease of the first has run out by now, and this server holds the job.
        int held = api.get("/api/v1/jobs/" + running).json().get("attempt").asInt();
        kill(true); // the whole tree
        api = start();
        assertThat(Snapshot.of(api, done, dataset)).isEqualTo(before);
        assertThat(resumedFrom(api, running, held + 1)).isPositive(); // when the lease of the first has run out

        long asked = System.nanoTime();
        stop(); // as a service manager does: the job is given back with a checkpoint, and taken up without waiting
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(30));
        api = start();
        assertThat(Snapshot.of(api, done, dataset)).isEqualTo(before);
        assertThat(resumedFrom(api, running, held + 2)).isPositive();
        api.post("/api/v1/jobs/" + running + "/cancel");
        List<Integer> epochs = api.get("/api/v1/jobs/" + running)
                .json()
                .get("metrics")
                .valueStream()
                .map(epoch -> epoch.get("epoch").asInt())
                .toList();
        assertThat(epochs)
                .as("none is missing")
                .isEqualTo(IntStream.rangeClosed(1, epochs.size()).boxed().toList());
    }

    /** What must be the same before and after. */
    private record Snapshot(JsonNode job, JsonNode events, JsonNode dataset, JsonNode model, JsonNode prediction) {
        static Snapshot of(Client api, String job, String dataset) {
            String model = job.replace("job_", "mdl_");
            return new Snapshot(
                    api.get("/api/v1/jobs/" + job).json(),
                    api.get("/api/v1/jobs/" + job + "/events?limit=1000").json(),
                    api.get("/api/v1/datasets/" + dataset).json(),
                    api.get("/api/v1/models/" + model).json(),
                    api.post("/api/v1/models/" + model + "/predict", "{\"inputs\":[\"a fine film\"]}")
                            .json());
        }
    }

    /** Waits until the attempt trains, and answers the step of the checkpoint that it goes on from. */
    private static int resumedFrom(Client api, String job, int attempt) {
        List<Integer> step = new ArrayList<>();
        api.stream(
                "/api/v1/jobs/" + job + "/events",
                null,
                lines -> lines.dropWhile(
                                line -> !line.contains("\"running\"") || !line.contains("\"attempt\":" + attempt))
                        .filter(line -> line.contains("training starts"))
                        .limit(1)
                        .map(line -> Json.MAPPER.readTree(line.substring("data:".length())))
                        .forEach(event -> step.add(event.get("data")
                                .get("data")
                                .path("resumed_from_step")
                                .asInt(0))));
        return step.get(0);
    }

    private static String submit(Client api, String dataset, int epochs) {
        return api.post(
                        "/api/v1/jobs",
                        Json.write(Map.of(
                                "base_model",
                                "all-MiniLM-L6-v2",
                                "dataset",
                                dataset,
                                "hyperparameters",
                                Map.of("epochs", epochs, "max_length", 16))))
                .text("id");
    }

    private void kill(boolean all) throws InterruptedException {
        List<ProcessHandle> tree = server.descendants().toList();
        server.destroyForcibly().waitFor();
        if (all) {
            tree.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** Starts at the first try, or fails with what the server said. */
    private Client start() throws IOException, InterruptedException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Path log = data.resolve("server.log");
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.anneal.Anneal",
                        "serve",
                        "--port",
                        String.valueOf(port),
                        "--data",
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        HttpRequest ready = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness"))
                .build();
        while (true) {
            assertThat(server.isAlive()).as("%s", Files.readString(log)).isTrue();
            try {
                if (HttpClient.newHttpClient()
                                .send(ready, BodyHandlers.discarding())
                                .statusCode()
                        == 200) {
                    break;
                }
            } catch (IOException notYet) {
                server.waitFor(200, TimeUnit.MILLISECONDS);
            }
        }
        return new Client(
                "http://127.0.0.1:" + port,
                Files.readString(data.resolve("admin.key")).strip());
    }
}
