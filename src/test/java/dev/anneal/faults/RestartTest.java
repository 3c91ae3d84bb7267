package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A server process is killed or stopped, and started again with its data directory. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
class RestartTest {
    private final ServerNode server = new ServerNode(
            "server", TestServer.newDataDirectory().toAbsolutePath(), List.of(Installation.LEASE), Map.of());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void afterAKillNothingIsLostAndARunningJobResumes() {
        Client api = start();
        String dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        String done = Submission.submit(api, dataset, Map.of("epochs", 1, "max_length", 16), Submission.FROZEN);
        JsonNode finished = api.await(done);
        assertThat(finished.get("status").asString()).as("%s", finished).isEqualTo("succeeded");
        Snapshot before = Snapshot.of(api, done, dataset);
        String running = Submission.submit(api, dataset, Map.of("epochs", 1000, "max_length", 16), Map.of());
        api.stream(
                "/api/v1/jobs/" + running + "/events",
                null,
                lines -> assertThat(lines.anyMatch("event:checkpoint"::equals)).isTrue());

        server.kill(); // the JVM only: its Postgres and its trainer must end
        api = start();
        assertThat(Snapshot.of(api, done, dataset)).isEqualTo(before);

        // On a slow machine the first lease has expired by now, and this server holds the job.
        int held = api.get("/api/v1/jobs/" + running).json().get("attempt").asInt();
        server.killTree();
        api = start();
        assertThat(Snapshot.of(api, done, dataset)).isEqualTo(before);
        assertThat(resumedFrom(api, running, held + 1))
                .isIn(checkpoints(api, running)); // after the first lease has expired

        server.terminate(30); // the worker releases the job with a checkpoint, so the next one need not wait
        api = start();
        assertThat(Snapshot.of(api, done, dataset)).isEqualTo(before);
        assertThat(resumedFrom(api, running, held + 2)).isIn(checkpoints(api, running));
        api.post("/api/v1/jobs/" + running + "/cancel");
        List<Integer> epochs = api.get("/api/v1/jobs/" + running)
                .json()
                .get("metrics")
                .valueStream()
                .map(epoch -> epoch.get("epoch").asInt())
                .toList();
        assertThat(epochs)
                .as("epochs")
                .isEqualTo(IntStream.rangeClosed(1, epochs.size()).boxed().toList());
    }

    /** Together they are as large as those of a project may be at once, and each has more errors than an answer names. */
    @Test
    @Tag("faults")
    void sixLargeBodiesWithManyErrorsAreRefusedByAServerWithASmallHeap() {
        Client api = start();
        String fields = IntStream.range(0, 300_000)
                .mapToObj(i -> "\"f" + i + "\":" + i % 10)
                .collect(Collectors.joining(",", "{", "}"));

        for (String path : List.of("/api/v1/jobs", "/api/v1/webhooks", "/api/v1/jobs")) {
            String body = path.endsWith("jobs") ? "{\"hyperparameters\":" + fields + "}" : fields;
            List<CompletableFuture<Client.Answer>> sent = Stream.generate(
                            () -> CompletableFuture.supplyAsync(() -> api.post(path, body)))
                    .limit(6)
                    .toList();
            for (CompletableFuture<Client.Answer> each : sent) {
                Client.Answer answer = each.join();
                assertThat(answer.status()).as("%s", answer.json()).isIn(422, 429);
            }
        }

        assertThat(server.isAlive()).isTrue();
        assertThat(server.output()).doesNotContain("OutOfMemoryError", "memory ran out");
        assertThat(api.upload("reviews.csv", Reviews.csv(60), Map.of()).status())
                .isEqualTo(201);
    }

    /** Everything that must be the same before and after. */
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

    /** Waits until the attempt trains and returns the step of the checkpoint that it resumed from, or 0. */
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

    /** Returns the steps of all checkpoints that the job has had. */
    private static List<Integer> checkpoints(Client api, String job) {
        return JobHistory.of(api, job)
                .data("checkpoint")
                .map(checkpoint -> checkpoint.get("step").asInt())
                .toList();
    }

    private Client start() {
        return server.start().awaitReady().client();
    }
}
