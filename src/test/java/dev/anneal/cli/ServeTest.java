package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.cli.local.ServerRecord;
import dev.anneal.cli.server.Serve;
import dev.anneal.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServeTest {
    @TempDir
    Path data;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final List<String> properties = new ArrayList<>();

    /** Runs `serve` with a start of the server that fails at once. */
    private String refused(Map<String, String> environment, String... options) {
        List<String> words = new ArrayList<>(List.of("serve", "--data", data.toString()));
        words.addAll(List.of(options));
        printed.reset();
        int exitCode = cli(environment, started -> {
                    throw new AssertionError("the server must not be started");
                })
                .execute(words.toArray(String[]::new));
        assertThat(exitCode).as(output()).isPositive();
        assertThat(data.resolve("server.json")).doesNotExist();
        return output();
    }

    private String refused(String... options) {
        return refused(Map.of("ANNEAL_PORT", "0"), options);
    }

    private Cli cli(Map<String, String> environment, Serve.Starter starter) {
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(stream, stream, false, false, () -> 100);
        return new Cli(terminal, environment, InputStream.nullInputStream(), starter);
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void wrongOptionsAreRefusedBeforeTheServerStarts() {
        assertThat(refused("--prot", "9000")).contains("serve has no option --prot. Did you mean '--port'?");
        assertThat(refused("--port", "99999")).contains("--port cannot be 99999. Give a number from 0 to 65535.");
        assertThat(refused("--port", "high")).contains("--port cannot be high. Give a whole number.");
        assertThat(refused("--roles", "api,wroker"))
                .contains("--roles cannot be wroker. Choose from api, worker, inference. Did you mean 'worker'?");
        assertThat(refused("now")).contains("serve does not take \"now\". It takes options only.");
        assertThat(refused("--anneal.worker.lease")).contains("--anneal.worker.lease needs a value");
        assertThat(refused("--project", "x")).contains("serve calls no server: --url");
        assertThat(refused(Map.of("ANNEAL_PORT", "x"))).contains("--port cannot be x.");
        assertThat(refused(Map.of("ANNEAL_PORT", "tcp://10.0.0.1:8420"))).contains("enableServiceLinks");
    }

    @Test
    void variablesOfSpringTakePrecedenceOverThoseOfAnneal() {
        assertThat(refused(Map.of("SERVER_PORT", "x", "ANNEAL_PORT", "0"))).contains("--port cannot be x.");
        assertThat(refused(Map.of("SERVER_ADDRESS", "[x]", "ANNEAL_HOST", "127.0.0.1", "ANNEAL_PORT", "0")))
                .contains("--host cannot be [x]: no such host is known.");
    }

    @Test
    void aPortThatIsTakenIsRefusedBeforeTheServerStarts() throws IOException {
        try (ServerSocket other = new ServerSocket(0)) {
            other.setSoTimeout(1);
            assertThat(refused("--port", "" + other.getLocalPort(), "--host", "0.0.0.0"))
                    .contains("Cannot listen on", ":" + other.getLocalPort(), "Choose another port with --port.");
        }
        try (ScriptedServer anneal = Bodies.script(new ScriptedServer())) {
            assertThat(refused("--port", "" + anneal.port()))
                    .contains("Cannot listen on 127.0.0.1:" + anneal.port() + ": another Anneal server is there");
        }
    }

    @Test
    void aDataDirectoryWithARunningServerIsRefused() throws Exception {
        Process running = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(
                    data.resolve("server.json"),
                    "{\"url\": \"http://127.0.0.1:8420\", \"pid\": " + running.pid() + ", \"started_at\": \""
                            + running.info().startInstant().orElseThrow() + "\"}");
            int exitCode = cli(Map.of(), started -> 0).execute("serve", "--port", "0", "--data", data.toString());

            assertThat(exitCode).isEqualTo(1);
            assertThat(output())
                    .contains("A server already runs on ", "http://127.0.0.1:8420, pid " + running.pid())
                    .contains("Stop it with `anneal stop --data " + data + "`");
        } finally {
            running.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--data=", "--anneal.data="})
    void aReadyServerPrintsItsAddressItsKeyFileAndTheNextStep(String option) throws Exception {
        Files.writeString(data.resolve("admin.key"), "secret\n");
        CountDownLatch started = new CountDownLatch(1);
        Cli cli = cli(Map.of(), given -> {
            properties.addAll(List.of(given));
            started.countDown();
            return 12345;
        });
        Thread serving = new Thread(() ->
                cli.execute("serve", "--port", "0", option + data, "--anneal.worker.devices=cpu", "--roles", "api"));
        serving.start();
        started.await();
        org.awaitility.Awaitility.await().until(() -> output().contains("Stop "));
        serving.interrupt();
        serving.join();

        assertThat(properties)
                .containsExactlyInAnyOrder(
                        "--anneal.worker.devices=cpu",
                        "--anneal.data=" + data,
                        "--server.port=0",
                        "--anneal.roles=api");
        assertThat(output())
                .contains(
                        "Anneal is ready at http://127.0.0.1:12345",
                        "Key file  " + data + "/admin.key",
                        "Next      anneal train reviews.csv --data " + data,
                        "anneal stop --data " + data)
                .doesNotContain("secret");
        assertThat(ServerRecord.find(data)).hasValueSatisfying(server -> {
            assertThat(server.uri()).hasToString("http://127.0.0.1:12345");
            assertThat(server.process()).isEqualTo(ProcessHandle.current());
        });
    }

    @Test
    void aServerWithALogInJsonPrintsNothingElse() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        Cli cli = cli(Map.of(), given -> {
            started.countDown();
            return 12345;
        });
        Thread serving = new Thread(() -> cli.execute(
                "serve", "--port", "0", "--data", data.toString(), "--logging.structured.format.console=logstash"));
        serving.start();
        started.await();
        org.awaitility.Awaitility.await()
                .until(() -> ServerRecord.find(data)
                        .filter(server -> server.uri().getPort() == 12345)
                        .isPresent());
        org.awaitility.Awaitility.await().until(() -> serving.getState() == Thread.State.WAITING);
        serving.interrupt();
        serving.join();

        assertThat(output()).isEmpty();
    }

    @Test
    void aServerThatDoesNotStartFailsTheCommand() {
        int exitCode = cli(Map.of(), given -> {
                    throw new IllegalStateException("no database");
                })
                .execute("serve", "--port", "0", "--data", data.toString());

        assertThat(exitCode).isEqualTo(1);
        assertThat(output()).isEqualTo("anneal: The server did not start. The log above says why.\n");
    }
}
