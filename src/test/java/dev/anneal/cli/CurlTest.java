package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.cli.http.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurlTest {
    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        server.close();
    }

    private void shell(String script) throws Exception {
        ProcessBuilder bash = new ProcessBuilder("bash", "-ec", script);
        bash.environment().put("ANNEAL_KEY", ScriptedServer.KEY);
        Process process = bash.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** Runs what was printed, and compares its requests with those of the command line. */
    private void same(Run run) throws Exception {
        assumeTrue(new ProcessBuilder("curl", "--version")
                        .redirectErrorStream(true)
                        .start()
                        .waitFor()
                == 0);
        List<ScriptedServer.Request> made = List.copyOf(server.requests);
        server.requests.clear();
        shell(run.err());
        assertThat(server.requests).hasSameSizeAs(made);
        for (int i = 0; i < made.size(); i++) {
            ScriptedServer.Request ours = made.get(i);
            ScriptedServer.Request curls = server.requests.get(i);
            assertThat(curls.line()).isEqualTo(ours.line());
            assertThat(curls.headers().get("authorization")).isEqualTo("Bearer " + ScriptedServer.KEY);
            assertThat(curls.headers().get("anneal-project"))
                    .isEqualTo(ours.headers().get("anneal-project"));
            if (ours.headers().getOrDefault("content-type", "").startsWith("multipart")) {
                assertThat(values(curls)).isEqualTo(values(ours));
            } else {
                assertThat(curls.body()).isEqualTo(ours.body());
                assertThat(curls.headers().get("content-type"))
                        .isEqualTo(ours.headers().get("content-type"));
            }
        }
        server.requests.clear();
    }

    /** Returns the parts of a form, without the boundary and the type of the file. */
    private static List<String> values(ScriptedServer.Request request) {
        String boundary = request.headers().get("content-type").replaceFirst(".*boundary=", "--");
        return List.of(
                request.body().replaceAll("Content-Type: .*\r\n", "").split(java.util.regex.Pattern.quote(boundary)));
    }

    @Test
    void thePrintedCallsMakeTheSameRequests() throws Exception {
        Path file = Files.writeString(folder.resolve("it's; 2,\"3\" .csv"), "text,label\nx,y\n");

        same(Run.of(
                server,
                "train",
                file.toString(),
                "--model",
                "m",
                "--name",
                "it's $HOME @\"x\"",
                "--columns",
                "text=@file",
                "--project",
                "it's",
                "--detach",
                "--curl"));
        same(Run.of(server, "predict", "mdl_1", "don't `stop`\n\"now\"", "x", "--curl"));
    }

    @Test
    void theSecretItselfIsNeverPrinted() throws IOException {
        Run given = Run.of(server, "jobs", "--curl", "--key", ScriptedServer.KEY);
        Files.writeString(folder.resolve("admin.key"), ScriptedServer.KEY + "\n");
        Key read = Key.of(folder);

        assertThat(given.exitCode()).isZero();
        assertThat(given.err())
                .isEqualTo("curl -sS '" + server.url()
                        + "/api/v1/jobs?limit=20' -H \"Authorization: Bearer $ANNEAL_KEY\"\n");
        assertThat(read.secret()).isEqualTo(ScriptedServer.KEY);
        assertThat(read.shell()).isEqualTo("$(cat " + folder + "/admin.key)");
        assertThat(read.toString()).doesNotContain(ScriptedServer.KEY);
    }
}
