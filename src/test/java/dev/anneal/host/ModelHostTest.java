package dev.anneal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.TokenizeMessage;
import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ModelHostTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void aCallThatIsCancelledWhileTheModelIsLoadedEndsAtOnce() throws Exception {
        Path tokenizer = directory.resolve("tokenizer.json"); // reading a pipe waits until something is written
        new ProcessBuilder("mkfifo", tokenizer.toString()).start().waitFor();
        ModelHost host = new ModelHost(options(), new HostOutput(written));

        host.serve(lines(request(1, HostRequest.TOKENIZE), request(1, HostRequest.CANCEL), request(2, "tokenize")));

        assertThat(written.toString(StandardCharsets.UTF_8))
                .contains("\"id\":1", "\"cancelled\"")
                .doesNotContain("\"id\":2");
        feed(tokenizer);
        Awaitility.await().until(() -> written.toString(StandardCharsets.UTF_8).contains("\"id\":2"));
        assertThat(written.toString(StandardCharsets.UTF_8))
                .containsOnlyOnce("\"id\":1")
                .contains("model_unusable");
    }

    /** Writes to the pipe for as long as it is read: for its hash, for what it says, and once more where one reader gets two. */
    private static void feed(Path pipe) {
        Thread writer = new Thread(() -> {
            while (true) {
                try {
                    Files.writeString(pipe, "not a tokenizer", StandardOpenOption.WRITE);
                } catch (IOException e) {
                    return; // the directory of the test is gone
                }
            }
        });
        writer.setDaemon(true);
        writer.start();
    }

    private static HostRequest request(long id, String call) {
        return new HostRequest(
                id, call, "project", "key", Json.MAPPER.valueToTree(new TokenizeMessage(List.of("a fine film"))));
    }

    private static BufferedReader lines(HostRequest... requests) {
        StringBuilder lines = new StringBuilder();
        for (HostRequest request : requests) {
            lines.append(Json.write(request)).append('\n');
        }
        return new BufferedReader(new StringReader(lines.toString()));
    }

    private HostOptions options() throws IOException {
        return new HostOptions(
                directory.toString(),
                "cpu",
                1,
                0,
                16,
                8,
                32_768,
                "fp32",
                null,
                false,
                Files.createTempFile(directory, "host", ".steps").toString(),
                // The watchdog of a host ends its process, which is that of the tests here.
                600,
                600);
    }
}
