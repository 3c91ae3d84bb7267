package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Real server processes, killed as a machine may kill them, and started again on what they left. */
class RestartTest {
    private final Node server = new Node("server", TestServer.newDirectory().toAbsolutePath(), List.of(), Map.of());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void afterAKillEverythingIsThereAndStillPredictsAndARunningJobGoesOn() {
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

        server.kill(); // the JVM alone: its Postgres lives on, its trainer must not
        api = start();
        assertThat(Snapshot.of(api, done, dataset)).isEqualTo(before);

        // On a slow machine the lease of the first has run out by now, and this server holds the job.
        int held = api.get("/api/v1/jobs/" + running).json().get("attempt").asInt();
        server.killTree();
        api = start();
        assertThat(Snapshot.of(api, done, dataset)).isEqualTo(before);
        assertThat(resumedFrom(api, running, held + 1)).isPositive(); // when the lease of the first has run out

        server.terminate(30); // the job is given back with a checkpoint, and taken up without waiting
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

    private Client start() {
        return server.start().awaitReady().client();
    }
}
