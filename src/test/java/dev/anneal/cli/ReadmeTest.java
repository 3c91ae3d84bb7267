package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.cli.local.ServerProcess;
import dev.anneal.cli.local.ServerRecord;
import dev.anneal.model.FakeHub;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the README: each block that is fenced as {@code bash}, in order, in one shell, against a real server that trains real
 * models. Blocks with another tag, or none, are output or need what a test machine lacks, and are not run.
 */
class ReadmeTest {
    private static final Pattern BLOCK = Pattern.compile("^```bash\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern COMMAND =
            Pattern.compile("(^|\\$\\(|\\| |; |&& )(\\./anneal|curl) ", Pattern.MULTILINE);

    /** Logs each call with its exit code, and lets `serve`, which occupies a terminal, run in the background. */
    private static final String ANNEAL = """
            #!/usr/bin/env bash
            flags=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Danneal.home=. -Danneal.program=./anneal)
            code=0
            if [ "$1" = serve ]; then
              java "${flags[@]}" dev.anneal.Anneal "$@" >serve.log 2>&1 &
              until grep -q 'Anneal is ready at' serve.log; do
                kill -0 $! 2>/dev/null || { cat serve.log; code=1; break; }
                sleep 0.2
              done
            else
              java "${flags[@]}" dev.anneal.Anneal "$@" || code=$?
            fi
            echo "$code anneal $*" >>calls.log
            exit $code
            """;

    private static final String CURL = """
            #!/usr/bin/env bash
            code=0
            fail=--fail-with-body
            for option in "$@"; do
              if [ "$option" = -f ]; then fail=-f; fi # curl takes only one of the two
            done
            real=$(PATH=${PATH#*:}; command -v curl)
            "$real" -sS $fail "$@" || code=$?
            echo "$code curl" >>calls.log
            exit $code
            """;

    private final Path home = TestServer.newDirectory().toAbsolutePath();
    private final FakeHub hub = new FakeHub();

    @BeforeEach
    void install() throws IOException {
        Files.createDirectories(home.resolve("examples"));
        Files.createDirectories(home.resolve("bin"));
        Files.write(home.resolve("examples/movie-reviews.csv"), Reviews.csv(40));
        script("anneal", ANNEAL);
        script("bin/curl", CURL);
        hub.serve("openai-community/gpt2", Path.of("src/test/resources/models/gpt2"));
    }

    private void script(String name, String text) throws IOException {
        Path file = Files.writeString(home.resolve(name), text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @AfterEach
    void stop() {
        ServerRecord.find(home.resolve(".anneal")).ifPresent(server -> ServerProcess.stop(server.process()));
        hub.close();
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void everyCommandOfTheReadmeRuns() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        List<String> blocks = BLOCK.matcher(readme)
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        int port = freePort();
        String script = "set -euo pipefail\n" + String.join("\n", blocks).replace(":8420", ":" + port);

        Path output = home.resolve("output.log");
        ProcessBuilder bash = new ProcessBuilder("bash", "-c", script)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        bash.environment()
                .putAll(Map.of(
                        "HOME", home.toString(),
                        "PATH", home.resolve("bin") + ":" + javaHome() + ":" + System.getenv("PATH"),
                        "CLASSPATH", System.getProperty("java.class.path"),
                        "ANNEAL_DATA", home.resolve(".anneal").toString(),
                        "ANNEAL_PORT", Integer.toString(port),
                        "ANNEAL_HUB_ENDPOINT", hub.endpoint(),
                        "ANNEAL_OUTBOUND_ALLOW", "127.0.0.1"));
        Process process = bash.start();
        boolean ended = process.waitFor(14, TimeUnit.MINUTES);

        String printed = Files.readString(output);
        assertThat(ended).as(printed).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        assertThat(printed)
                .contains("Model reviews ", "Wrote reviews.zip", "event:done", "Created the project search")
                .doesNotContain("anneal: ");
        List<String> calls = Files.readAllLines(home.resolve("calls.log"));
        assertThat(calls).allMatch(call -> call.startsWith("0 "));
        assertThat(calls)
                .as("as many calls as the blocks have")
                .hasSize((int) blocks.stream()
                        .mapToLong(block -> COMMAND.matcher(block).results().count())
                        .sum())
                .hasSizeGreaterThan(20);
        assertThat(readme.lines().filter(line -> line.startsWith("```bash"))).hasSameSizeAs(blocks);
    }

    private static Path javaHome() {
        return Path.of(System.getProperty("java.home"), "bin");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
