package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.files.FileLocks;
import dev.anneal.model.FakeHub;
import dev.anneal.model.Zips;
import dev.anneal.testing.Client;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A server is killed at ten points of uploads, checks and imports. After each next start nothing of them is left. */
@Timeout(value = 20, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class LeftoversTest {
    private static final int ROWS = 60_000;

    private final Path root = TestServer.newDirectory().toAbsolutePath();
    private final Path data = root.resolve("data");
    private final Path temporary = root.resolve("tmp");

    @Test
    void nothingIsLeftAfterKillsDuringUploadsAndImports() throws Exception {
        Files.createDirectories(data);
        Files.createDirectories(temporary);
        Path tiny = TestModels.tiny(root.resolve("tiny"));
        byte[] zip = Zips.of(tiny, "").bytes();
        byte[] rows = rows();
        try (FakeHub hub = new FakeHub();
                ServerNode server = server(hub)) {
            hub.serve("acme/tiny", tiny);
            for (int point = 0; point < 10; point++) {
                Client api = startClean(server);
                String name = "of-point-" + point;
                if (point < 2) {
                    uploadInPart(server.url(), api.key(), "models", zip, (point + 1) * zip.length / 4);
                } else if (point == 2) {
                    uploadInPart(server.url(), api.key(), "datasets", rows, rows.length / 2);
                } else if (point < 5) {
                    CompletableFuture.runAsync(
                            () -> api.uploadTo("/api/v1/models", name + ".zip", zip, Map.of("name", name)));
                    TimeUnit.MILLISECONDS.sleep(150L + 900 * (point - 3));
                } else if (point < 8) {
                    CompletableFuture.runAsync(
                            () -> api.upload(name + ".csv", rows, Map.of("checks", "{\"near_duplicates\":false}")));
                    TimeUnit.MILLISECONDS.sleep(300L + 800 * (point - 5));
                } else {
                    api.post("/api/v1/models", "{\"source\":\"hf:acme/tiny\",\"name\":\"" + name + "\"}");
                    TimeUnit.MILLISECONDS.sleep(100L + 700 * (point - 8));
                }
                server.kill();
                System.out.println("point " + point + " left " + left(null));
            }

            Client api = startClean(server);
            for (JsonNode dataset : datasets(api)) {
                boolean isReady = dataset.get("status").asString().equals("ready");
                assertThat(isReady ? dataset.get("row_count").asInt() : ROWS)
                        .as("%s", dataset)
                        .isEqualTo(ROWS);
            }
        }
    }

    /** Starts the server and waits until nothing is left of what was done before it was killed. */
    private Client startClean(ServerNode server) {
        Client api = server.start().awaitReady().client();
        Awaitility.await()
                .atMost(Duration.ofMinutes(4))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(left(api)).isEmpty());
        return api;
    }

    private static byte[] rows() {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < ROWS; i++) {
            rows.append("text ").append(i * 7_919L).append(i % 2 == 0 ? ",a\n" : ",b\n");
        }
        return rows.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode datasets(Client api) {
        return api.get("/api/v1/datasets?limit=100").json().get("data");
    }

    private ServerNode server(FakeHub hub) {
        return new ServerNode(
                "server",
                data,
                List.of(
                        "--anneal.hub.endpoint=" + hub.endpoint(),
                        "--anneal.outbound.allow=127.0.0.1",
                        "--anneal.import.lease=3s",
                        "--anneal.validation.lease=3s",
                        "--anneal.checkpoints.grace=15s",
                        "--anneal.checkpoints.sweep=2s"),
                Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary));
    }

    /** Sends a part of a form and leaves the connection open. */
    private static void uploadInPart(String url, String key, String to, byte[] file, int bytes) throws Exception {
        Socket socket = new Socket("127.0.0.1", URI.create(url).getPort());
        socket.getOutputStream()
                .write(("POST /api/v1/" + to + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key
                                + "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
                                + (file.length + 1000)
                                + "\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.zip\"\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(file, 0, bytes);
        socket.getOutputStream().flush();
        TimeUnit.MILLISECONDS.sleep(500);
    }

    /** Returns what belongs to no living process, to no model and to no dataset that was checked. */
    private List<String> left(Client api) throws IOException {
        List<String> left = new ArrayList<>();
        for (Path shared : List.of(data.resolve("work"), data.resolve("artifacts/incoming"))) {
            for (Path own : list(shared)) {
                Path lock = own.toString().endsWith(".lock") ? own : own.resolveSibling(own.getFileName() + ".lock");
                if (!FileLocks.isTaken(lock)) {
                    left.add(own.toString());
                } else if (Files.isDirectory(own)) {
                    list(own).stream()
                            .filter(path -> !path.getFileName().toString().startsWith("tomcat"))
                            .map(Path::toString)
                            .forEach(left::add);
                }
            }
        }
        List<String> models = new ArrayList<>();
        if (api != null) {
            for (JsonNode model : api.get("/api/v1/models?limit=100").json().get("data")) {
                models.add(model.get("id").asString());
            }
        }
        list(data.resolve("artifacts/imports")).stream()
                .filter(path -> !models.contains(path.getFileName().toString()))
                .map(Path::toString)
                .forEach(left::add);
        list(data.resolve("imports")).stream().map(Path::toString).forEach(left::add);
        list(data.resolve("uploads/datasets")).stream().map(Path::toString).forEach(left::add);
        if (api != null) {
            datasets(api)
                    .valueStream()
                    .filter(dataset -> dataset.get("status").asString().equals("validating"))
                    .map(dataset -> dataset.get("id").asString())
                    .forEach(left::add);
        }
        list(temporary).stream()
                .filter(path -> path.getFileName().toString().matches("(tomcat|upload|anneal|host).*"))
                .map(Path::toString)
                .forEach(left::add);
        return left;
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.toList();
        }
    }
}
