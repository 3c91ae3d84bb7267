package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.cli.local.Port;
import dev.anneal.cli.local.ServerProcess;
import dev.anneal.cli.local.ServerRecord;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    @TempDir
    Path folder;

    private Path data;
    private int port;

    @BeforeEach
    void install() throws IOException {
        data = Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(folder.resolve("examples"));
        Files.writeString(folder.resolve("examples/movie-reviews.csv"), "text,label\nfine,positive\n");
        System.setProperty("anneal.home", folder.toString());
        System.setProperty("anneal.server", PretendServer.class.getName());
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() {
        System.clearProperty("anneal.home");
        System.clearProperty("anneal.server");
        ServerRecord.find(data).ifPresent(server -> ServerProcess.stop(server.process()));
    }

    private Run quickstart(String... more) {
        List<String> words = new ArrayList<>(List.of("quickstart", "--port", "" + port, "--data", data.toString()));
        words.addAll(List.of(more));
        return Run.with(Map.of(), "", false, words.toArray(String[]::new));
    }

    private Port atPort() throws InterruptedException {
        return Port.at(URI.create("http://127.0.0.1:" + port));
    }

    @Test
    void theServerIsStartedAndKeepsRunningUntilStopped() throws Exception {
        Run run = quickstart();

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        ServerRecord server = ServerRecord.find(data).orElseThrow();
        assertThat(run.out())
                .containsSubsequence(
                        "Starting the server",
                        "Server http://127.0.0.1:" + port + "   ready after",
                        "Dataset reviews.csv   ds_1",
                        "Job reviews   job_1",
                        "Test accuracy 93.5%",
                        "Model reviews   mdl_1",
                        "positive  0.980  Superb acting, a clever script, an ending that moved me.",
                        "negative  0.875  A tedious mess.",
                        "anneal predict reviews 'Not what I expected",
                        "curl -sS 'http://127.0.0.1:" + port + "/api/v1/models/mdl_1/predict'"
                                + " -H \"Authorization: Bearer $(cat " + data + "/admin.key)\"",
                        "The server is still running. Stop it: anneal stop --data " + data);
        assertThat(run.out()).doesNotContain(ScriptedServer.KEY);

        assertThat(quickstart("--exit").out()).contains("was already running").doesNotContain("Stopped");
        assertThat(server.process().isAlive()).isTrue();

        assertThat(Run.with(Map.of("ANNEAL_DATA", data.toString()), "", false, "jobs")
                        .out())
                .as("other commands find the server by its data directory")
                .contains("job_1");
        assertThat(Run.of("http://unused", "", false, "stop", "--data", data.toString())
                        .out())
                .isEqualTo("Stopped the server at http://127.0.0.1:" + port + ".\n");
        assertThat(server.process().isAlive()).isFalse();
        assertThat(data.resolve("server.json")).doesNotExist();
    }

    @Test
    void withExitTheServerIsStoppedAtTheEnd() throws InterruptedException {
        Run run = quickstart("--exit");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).endsWith("Stopped the server.\n").doesNotContain("curl");
        assertThat(atPort()).isEqualTo(Port.FREE);
        assertThat(data.resolve("server.json")).doesNotExist();
    }

    @Test
    void aServerThatDiesShowsTheEndOfItsLog() throws IOException {
        Files.createFile(data.resolve("broken"));

        Run run = quickstart();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains(
                        "did not start",
                        data.resolve("server.log").toString(),
                        "ERROR the database is of a newer version");
        assertThat(run.out()).isEqualTo("Starting the server\n");
        assertThat(data.resolve("server.json")).doesNotExist();
    }

    @Test
    void aServerWhoseMemoryRunsOutEndsAndSaysSo() throws IOException {
        Files.createFile(data.resolve("hungry"));

        Run run = quickstart();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("did not start", "Terminating due to java.lang.OutOfMemoryError");
    }

    @Test
    void anAddressOfAServerIsRefused() {
        assertThat(quickstart("--url", "http://127.0.0.1:" + port).err()).contains("--url and --key have no use here");
        assertThat(data.resolve("server.json")).doesNotExist();
    }

    @Test
    void aPortOfAnotherProgramIsRefused() {
        try (ScriptedServer other = new ScriptedServer(port)) {
            Run run = quickstart();

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("Another program listens on port " + other.port() + ". Choose another port with --port.");
        }
    }

    @Test
    void aServerOfAnotherDataDirectoryIsNotUsed() throws IOException {
        Files.writeString(data.resolve("admin.key"), "another key");
        try (ScriptedServer other = Bodies.script(new ScriptedServer(port))) {
            Run run = quickstart("--exit");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("so it has another data directory");
            assertThat(other.requests).noneMatch(request -> request.method().equals("POST"));
        }
    }

    @Test
    void stopDoesNotTouchAProcessThatHasTakenThePid() throws IOException {
        Files.writeString(
                data.resolve("server.json"),
                "{\"url\": \"http://127.0.0.1:" + port + "\", \"pid\": "
                        + ProcessHandle.current().pid() + ", \"started_at\": \"2020-01-01T00:00:00Z\"}");

        Run run = Run.of("http://unused", "", false, "stop", "--data", data.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("No server runs on");
        assertThat(ProcessHandle.current().isAlive()).isTrue();
    }
}
