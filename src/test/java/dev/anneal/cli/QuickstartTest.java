package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
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
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws IOException {
        System.clearProperty("anneal.home");
        ServerProcess.find(data).ifPresent(ServerProcess::stop);
    }

    private Run quickstart(String... more) {
        List<String> words = new ArrayList<>(List.of("--port", "" + port, "--data", data.toString()));
        words.addAll(List.of(more));
        return Run.capture(false, terminal -> {
            try {
                Arguments arguments = Arguments.parse(Quickstart.COMMAND, words);
                Session session = new Session(arguments, Map.of(), InputStream.nullInputStream(), terminal);
                return new Quickstart(session, PretendServer.class.getName()).run();
            } catch (Failure failure) {
                terminal.error(failure.getMessage());
                return failure.exitCode();
            }
        });
    }

    private Port atPort() throws InterruptedException {
        return Port.at(URI.create("http://127.0.0.1:" + port));
    }

    @Test
    void theServerIsStartedUsedAndLeftRunningUntilStopped() throws Exception {
        Run run = quickstart();

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        ServerProcess server = ServerProcess.find(data).orElseThrow();
        assertThat(run.out())
                .containsSubsequence(
                        "Starting the server",
                        "Server http://127.0.0.1:" + port + "   pid " + server.pid(),
                        "Dataset ds_1",
                        "Job job_1",
                        "Test accuracy 93.5%",
                        "Model mdl_1",
                        "positive  0.980  Superb acting, a clever script, an ending that moved me.",
                        "negative  0.875  A tedious mess.",
                        "curl -sS 'http://127.0.0.1:" + port + "/api/v1/models/mdl_1/predict'"
                                + " -H \"Authorization: Bearer $(cat " + data + "/admin.key)\"",
                        "/api/v1/jobs/job_1'",
                        "/api/v1/models/mdl_1/download'",
                        "-o model.zip",
                        "The server goes on as pid " + server.pid() + ". Stop it: anneal stop --data " + data);
        assertThat(run.out()).doesNotContain(ScriptedServer.KEY);

        assertThat(quickstart("--exit").out()).contains("was running already").doesNotContain("Stopped");
        assertThat(server.isAlive()).isTrue();

        assertThat(Run.of("http://unused", "", false, "stop", "--data", data.toString())
                        .out())
                .isEqualTo("Stopped the server (pid " + server.pid() + ").\n");
        assertThat(server.isAlive()).isFalse();
        assertThat(data.resolve("server.pid")).doesNotExist();
    }

    @Test
    void withExitTheServerIsGoneAtTheEnd() throws InterruptedException {
        Run run = quickstart("--exit");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).endsWith("Stopped the server.\n").doesNotContain("curl");
        assertThat(atPort()).isEqualTo(Port.FREE);
        assertThat(data.resolve("server.pid")).doesNotExist();
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
        assertThat(data.resolve("server.pid")).doesNotExist();
    }

    @Test
    void aPortOfSomethingElseIsLeftAlone() {
        try (ScriptedServer other = new ScriptedServer(port)) {
            Run run = quickstart();

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("Port " + other.port() + " is taken by something that is not Anneal");
        }
    }

    @Test
    void aServerOfAnotherDataDirectoryIsNotUsed() throws IOException {
        Files.writeString(data.resolve("admin.key"), "another key");
        try (ScriptedServer other = Bodies.script(new ScriptedServer(port))) {
            Run run = quickstart("--exit");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("Anneal server of another data directory");
            assertThat(other.requests).noneMatch(request -> request.method().equals("POST"));
        }
    }

    @Test
    void stopDoesNotTouchAProcessThatHasTakenThePid() throws IOException {
        Files.writeString(data.resolve("server.pid"), ProcessHandle.current().pid() + "\n");

        Run run = Run.of("http://unused", "", false, "stop", "--data", data.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("No server of quickstart runs");
        assertThat(ProcessHandle.current().isAlive()).isTrue();
    }
}
