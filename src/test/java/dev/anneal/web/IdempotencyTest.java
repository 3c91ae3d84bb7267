package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.checkpoint.JobCheckpoint;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import dev.anneal.model.Zips;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Operations;
import dev.anneal.testing.Operations.Operation;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Repeats a request with its Idempotency-Key, for each operation that accepts one. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.outbound.allow=127.0.0.1"})
class IdempotencyTest {
    @Autowired
    Api api;

    @Autowired
    TestJobs jobs;

    @Autowired
    JobQueue queue;

    @Autowired
    AttemptWriter writer;

    @Autowired
    ArtifactStore store;

    static Stream<Operation> operations() {
        return Operations.all().stream().filter(Operation::keyed);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void aRepeatedRequestReturnsTheSameObjectUntilThatIsDeleted(Operation operation) throws IOException {
        String[] key = {"Idempotency-Key", operation.id()};
        Supplier<Answer> request = switch (operation.id()) {
            case "createDataset" -> () -> api.upload("reviews.csv", Reviews.csv(60), Map.of(), key);
            case "createDatasetVersion" -> {
                String path = "/api/v1/datasets/"
                        + api.upload("v.csv", Reviews.csv(60), Map.of()).text("id") + "/versions";
                yield () -> api.post(path, "{\"steps\":[{\"type\":\"strip\"}]}", key);
            }
            case "createJob" -> {
                String body = Json.write(Map.of(
                        "base_model",
                        "all-MiniLM-L6-v2",
                        "dataset",
                        api.upload("r.csv", Reviews.csv(60), Map.of()).text("id")));
                yield () -> api.post("/api/v1/jobs", body, key);
            }
            case "createEvaluation", "createPrediction" -> {
                byte[] zip = Zips.of(tiny(), "").bytes();
                String body = Json.write(Map.of(
                        "model",
                        api.uploadTo("/api/v1/models", operation.id() + ".zip", zip, Map.of())
                                .text("id"),
                        "dataset",
                        api.upload("e.csv", Reviews.csv(60), Map.of()).text("id")));
                yield () -> api.post(operation.path(), body, key);
            }
            case "predictFile" -> {
                String model = api.uploadTo(
                                "/api/v1/models",
                                operation.id() + ".zip",
                                Zips.of(tiny(), "").bytes(),
                                Map.of())
                        .text("id");
                yield () -> api.uploadTo(operation.path(), "p.csv", Reviews.csv(60), Map.of("model", model), key);
            }
            case "publishCheckpoint" -> {
                String path = "/api/v1/jobs/" + jobWithACheckpoint() + "/checkpoints/4/publish";
                yield () -> api.post(path, "", key);
            }
            case "importModel", "uploadModel" -> {
                String path = operation.path();
                byte[] zip = Zips.of(tiny(), "").bytes();
                yield () -> api.uploadTo(path, operation.id() + ".zip", zip, Map.of(), key);
            }
            case "createWebhook" -> {
                String body = "{\"url\":\"http://127.0.0.1:9/\",\"events\":[\"job.failed\"]}";
                yield () -> api.post("/api/v1/webhooks", body, key);
            }
            default -> throw new AssertionError("add a request for " + operation);
        };

        Answer first = request.get();
        assertThat(first.status()).as("%s", first.json()).isEqualTo(201);
        assertThat(request.get().json()).isEqualTo(first.json());

        String path = first.headers().firstValue("Location").orElseThrow();
        if (List.of("createJob", "createEvaluation", "createPrediction", "predictFile")
                .contains(operation.id())) {
            api.post(path + "/cancel");
        }
        assertThat(api.delete(path).status()).isEqualTo(204);
        Answer late = request.get();

        assertThat(late.status()).as("%s", late.json()).isEqualTo(409);
        assertThat(late.code()).isEqualTo("idempotent_result_deleted");
        assertThat(late.detail())
                .matches("The (dataset|job|evaluation|prediction|model|webhook) '" + first.text("id")
                        + "', which this Idempotency-Key created, was deleted. Use a new key.");
    }

    private String jobWithACheckpoint() throws IOException {
        jobs.deleteAll();
        String job = jobs.submit();
        Attempt attempt = queue.claim("w1", null).orElseThrow();
        JsonNode event = Json.MAPPER.readTree("""
                {"step":4,"epoch":1,"reason":"epoch","path":"x","size_bytes":9,"has_model":true}""");
        JobCheckpoint checkpoint = JobCheckpoint.of(attempt, event);
        writer.announce(attempt, checkpoint.artifact());
        store.put(checkpoint.artifact(), tiny().getParent());
        writer.checkpoint(attempt, checkpoint, event, 2);
        return job;
    }

    /** Returns a model in a directory that has nothing else. */
    private static Path tiny() throws IOException {
        return TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("model"), "negative", "positive");
    }
}
