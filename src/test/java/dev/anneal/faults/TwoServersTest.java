package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers on one data directory: the second is refused, and the first is undisturbed. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
class TwoServersTest {
    private final Path data = TestServer.newDataDirectory().toAbsolutePath();
    private final ServerNode first = new ServerNode("first", data, List.of(), Map.of());

    private record Command(int exitCode, String output) {}

    @AfterEach
    void stop() throws Exception {
        first.close();
        anneal(Map.of(), "stop", "--data", data.toString());
    }

    @Test
    void serveAfterServe() throws Exception {
        first.start().awaitReady();
        String postgres = postgres();
        String pid = "pid " + first.handle().pid();

        assertRefused(postgres, pid, Map.of(), "serve", "--port", "0");
        assertRefused(postgres, "no option --prot", Map.of(), "serve", "--prot", "1");
        assertRefused(postgres, pid, Map.of("ANNEAL_DATABASE_URL", "none"), "serve", "--port", "0");
        Files.delete(data.resolve("server.json"));
        assertRefused(postgres, "A server already runs on " + data, Map.of(), "serve", "--port", "0");
        assertRefused(
                postgres,
                "A server already runs on " + data,
                Map.of(),
                "quickstart",
                "--port",
                "" + ServerNode.freePort());
        assertThat(data.resolve("server.log"))
                .as("the log that quickstart would replace")
                .doesNotExist();
    }

    @Test
    @Tag("faults")
    void quickstartAfterServeAndServeAfterQuickstart() throws Exception {
        first.start().awaitReady();
        String postgres = postgres();
        Command quickstart = anneal(
                Map.of(), "quickstart", "--exit", "--port", "" + ServerNode.freePort(), "--data", data.toString());
        assertThat(quickstart.output()).contains("was already running", "negative");
        assertThat(quickstart.exitCode()).isZero();
        assertThat(postgres()).isEqualTo(postgres);
        first.terminate(60);

        int port = ServerNode.freePort();
        quickstart = anneal(Map.of(), "quickstart", "--port", "" + port, "--data", data.toString());
        assertThat(quickstart.exitCode()).as(quickstart.output()).isZero();
        postgres = postgres();
        assertRefused(postgres, "http://127.0.0.1:" + port, Map.of(), "serve", "--port", "0");
        assertThat(readiness("http://127.0.0.1:" + port)).isEqualTo(200);
    }

    @Test
    @Tag("faults")
    void ofTwoThatStartAtTheSameTimeOneRuns() throws Exception {
        ServerNode second = new ServerNode("second", data, List.of(), Map.of());
        first.start();
        second.start();
        try {
            Awaitility.await().atMost(Duration.ofMinutes(3)).until(() -> !first.isAlive() || !second.isAlive());
            ServerNode running = first.isAlive() ? first : second;
            running.awaitReady();
            assertThat((running == first ? second : first).output()).contains("A server already runs on " + data);
        } finally {
            second.close();
        }
    }

    @Test
    void readinessFollowsTheDatabase() throws Exception {
        first.start().awaitReady();
        ProcessHandle.of(Long.parseLong(postgres())).ifPresent(Signals::killTree);

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    long begin = System.nanoTime();
                    int status = readiness(first.url());
                    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
                    return status == 503;
                });
    }

    private void assertRefused(String postgres, String reason, Map<String, String> environment, String... words)
            throws Exception {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--data", data.toString()));
        Command second = anneal(environment, all.toArray(String[]::new));

        assertThat(second.exitCode()).as(second.output()).isPositive();
        assertThat(second.output()).contains(reason);
        assertThat(postgres()).isEqualTo(postgres);
        assertThat(ProcessHandle.of(Long.parseLong(postgres))).isPresent();
        if (first.isAlive()) {
            assertThat(first.client().get("/api/v1/jobs").status()).isEqualTo(200);
        }
    }

    private String postgres() throws IOException {
        return Files.readAllLines(data.resolve("postgres/cluster/postmaster.pid"))
                .get(0)
                .strip();
    }

    private static int readiness(String url) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url + "/actuator/health/readiness"))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    private static Command anneal(Map<String, String> environment, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.anneal.Anneal"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Command(process.waitFor(), output);
    }
}
