package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.S3Server;
import dev.anneal.testing.TestServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two real server processes that have nothing in common but a Postgres and a bucket, as on two machines. */
class TwoMachinesTest {
    private final List<Process> servers = new ArrayList<>();
    private final Path api = TestServer.newDirectory().toAbsolutePath();
    private final Path worker = TestServer.newDirectory().toAbsolutePath();

    @AfterEach
    void stop() throws InterruptedException {
        servers.forEach(Process::destroy);
        for (Process server : servers) {
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void whatOneTrainsTheOtherServes() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                S3Server s3 = new S3Server()) {
            String url = postgres.getJdbcUrl("postgres", "postgres");
            Client client = start("api,inference", api, url, s3);
            start("worker", worker, url, s3);
            String dataset =
                    client.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
            String job = client.post(
                            "/api/v1/jobs",
                            Json.write(Map.of(
                                    "base_model",
                                    "all-MiniLM-L6-v2",
                                    "dataset",
                                    dataset,
                                    "hyperparameters",
                                    Map.of("epochs", 1, "max_length", 16))))
                    .text("id");
            JsonNode finished = client.await(job);
            assertThat(finished.get("status").asString()).as("%s", finished).isEqualTo("succeeded");
            String model = finished.get("model").asString();
            assertThat(client.post("/api/v1/models/" + model + "/predict", "{\"inputs\":[\"a fine film\"]}")
                            .status())
                    .isEqualTo(200);
            // The api process has it from the bucket: neither directory has a store of its own.
            assertThat(api.resolve("artifacts")).doesNotExist();
            assertThat(worker.resolve("artifacts")).doesNotExist();
            try (Stream<Path> copies = Files.list(api.resolve("cache/artifacts"))) {
                assertThat(copies.map(path -> path.getFileName().toString())).anyMatch(name -> name.contains(model));
            }
            stop();
        }
    }

    private Client start(String roles, Path data, String database, S3Server s3)
            throws IOException, InterruptedException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Path log = data.resolve("server.log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.anneal.Anneal",
                        "serve",
                        "--roles",
                        roles,
                        "--port",
                        String.valueOf(port),
                        "--data",
                        data.toString(),
                        "--anneal.artifacts=s3://anneal/some/prefix",
                        "--anneal.s3.path-style=true")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "ANNEAL_DATABASE_URL",
                        database,
                        "ANNEAL_DATABASE_USER",
                        "postgres",
                        "ANNEAL_DATABASE_PASSWORD",
                        "postgres",
                        "ANNEAL_S3_ENDPOINT",
                        s3.endpoint(),
                        "AWS_ACCESS_KEY_ID",
                        S3Server.USER,
                        "AWS_SECRET_ACCESS_KEY",
                        S3Server.SECRET));
        Process server = builder.start();
        servers.add(server);
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
        Path key = data.resolve("admin.key"); // only who makes the first key has it
        return Files.exists(key)
                ? new Client("http://127.0.0.1:" + port, Files.readString(key).strip())
                : null;
    }
}
