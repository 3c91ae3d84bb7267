package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.model.Zips;
import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two server processes that share only a Postgres and a bucket, as on two machines. */
class TwoMachinesTest {
    @Test
    void oneMachineServesTheModelThatTheOtherTrained() throws Exception {
        try (Installation installation = new Installation();
                S3Server s3 = new S3Server()) {
            ServerNode api = node(installation, "api", "api,inference", s3).awaitReady();
            ServerNode worker = node(installation, "worker", "worker", s3);
            Client client = api.client();
            String dataset =
                    client.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
            byte[] tiny = Zips.of(Path.of("src/test/resources/models/bert"), "").bytes();
            assertThat(client.uploadTo("/api/v1/models", "tiny.zip", tiny, Map.of("name", "tiny/bert"))
                            .status())
                    .isEqualTo(201);
            String job = Submission.submit(client, dataset, Map.of("epochs", 1), Map.of("base_model", "tiny/bert"));
            JsonNode finished = client.await(job);
            assertThat(finished.get("status").asString()).as("%s", finished).isEqualTo("succeeded");
            String model = finished.get("model").asString();
            assertThat(client.post("/api/v1/models/" + model + "/predict", "{\"inputs\":[\"a fine film\"]}")
                            .status())
                    .isEqualTo(200);
            // The api process has it from the bucket: neither directory has its own store.
            assertThat(api.data().resolve("artifacts")).doesNotExist();
            assertThat(worker.data().resolve("artifacts")).doesNotExist();
            try (Stream<Path> copies = Files.list(api.data().resolve("cache/artifacts"))) {
                assertThat(copies.map(path -> path.getFileName().toString())).anyMatch(name -> name.contains(model));
            }
        }
    }

    private static ServerNode node(Installation installation, String name, String roles, S3Server s3) {
        return installation
                .nodeIn(name, name, roles, HandOverTest.store(s3))
                .with(HandOverTest.CREDENTIALS)
                .start();
    }
}
