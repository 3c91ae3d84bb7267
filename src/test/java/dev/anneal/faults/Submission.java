package dev.anneal.faults;

import dev.anneal.json.Json;
import dev.anneal.testing.Client;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** Submits small jobs of the bundled model, with many checkpoints, and waits for them. */
final class Submission {
    /** Trains few weights, so that there is little to compute and little to store. */
    static final Map<String, ?> FROZEN =
            Map.of("method", Map.of("type", "frozen", "frozen_layers", 4, "freeze_embeddings", true));

    private Submission() {}

    /** Submits a job and returns its id. The hyperparameters and fields given replace the defaults. */
    static String submit(Client api, String dataset, Map<String, ?> hyperparameters, Map<String, ?> fields) {
        Map<String, Object> request = new java.util.HashMap<>(Map.of(
                "base_model",
                "all-MiniLM-L6-v2",
                "dataset",
                dataset,
                "max_attempts",
                20,
                "checkpoints",
                Map.of("every_steps", 3, "keep", 2),
                "hyperparameters",
                merged(Map.of("batch_size", 8, "max_length", 32, "epochs", 2, "seed", 7), hyperparameters)));
        request.putAll(fields);
        Client.Answer answer = api.post("/api/v1/jobs", Json.write(request));
        if (answer.status() != 201) {
            throw new AssertionError(answer.status() + " " + answer.json());
        }
        return answer.text("id");
    }

    private static Map<String, Object> merged(Map<String, ?> defaults, Map<String, ?> over) {
        Map<String, Object> merged = new java.util.HashMap<>(defaults);
        merged.putAll(over);
        return merged;
    }

    /** Polls until the job has ended, also while the server cannot be reached, and returns its history. */
    static JobHistory awaitEnd(Client api, String job) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(30))
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .until(() -> {
                    JsonNode finished = api.get("/api/v1/jobs/" + job).json().get("finished_at");
                    return finished != null && !finished.isNull();
                });
        return JobHistory.of(api, job);
    }

    /** Polls until the attempt has reached the step. */
    static void awaitStep(Client api, String job, int attempt, int step) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> {
                    JsonNode now = api.get("/api/v1/jobs/" + job).json();
                    return now.get("attempt").asInt() >= attempt
                            && now.path("progress").path("step").asInt(-1) >= step;
                });
    }
}
