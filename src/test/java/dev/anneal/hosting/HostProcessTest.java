package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Processes that write what no host should. */
@Timeout(120)
class HostProcessTest {
    @TempDir
    Path directory;

    private Process process;

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    @Test
    void aProcessThatWritesAnEndlessAnswerIsEndedAndItsCallFails() throws IOException {
        CompletableFuture<JsonNode> call = call("printf '{\"id\":1,\"result\":\"'; exec tr '\\0' x < /dev/zero");

        assertThatThrownBy(call::join)
                .cause()
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("model_crashed"))
                .hasMessageContaining("It wrote an answer of more than 33,554,432 bytes.");
        process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Test
    void linesOfAnyPartsAndOtherOutputAreRead() throws IOException {
        CompletableFuture<JsonNode> call = call(
                "printf '\\nA library says\\n{\"id\":1,'; sleep 0.1; printf '\"result\":\"'; printf 'x%.0s' $(seq 100000); echo '\"}'");

        assertThat(call.join().asString()).isEqualTo("x".repeat(100_000));
    }

    @Test
    void callsThatAreCancelledBeforeTheProcessReadsThemAreNotSent() throws IOException {
        Path reads = directory.resolve("reads");
        String script = """
                until [ -e "$0" ]; do sleep 0.05; done
                characters=0
                while IFS= read -r line; do
                  case "$line" in *'"id":5,'*) echo "{\\"id\\":5,\\"result\\":$characters}" ;; esac
                  characters=$((characters + ${#line}))
                done""";
        process = new ProcessBuilder("sh", "-c", script, reads.toString()).start();
        HostProcess host = host();
        for (int i = 0; i < 4; i++) {
            tokenize(host, "x".repeat(200_000)).cancel(false);
        }
        CompletableFuture<JsonNode> last = tokenize(host, "a");

        Files.createFile(reads);

        assertThat(last.join().asInt())
                .as("at most the first was being written")
                .isLessThan(250_000);
    }

    /** Calls a process that waits for the call and then runs a script. */
    private CompletableFuture<JsonNode> call(String script) throws IOException {
        process = new ProcessBuilder("sh", "-c", "read call; " + script).start();
        return tokenize(host(), "a");
    }

    private HostProcess host() throws IOException {
        return new HostProcess(
                "mdl_x", process, RunningSteps.open(directory.resolve("steps")), loaded -> {}, ended -> {});
    }

    private static CompletableFuture<JsonNode> tokenize(HostProcess host, String text) {
        return Objects.requireNonNull(host.call(HostRequest.TOKENIZE, "project", "key", List.of(text), piece -> {}));
    }
}
