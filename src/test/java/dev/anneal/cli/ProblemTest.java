package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void everyFieldAndLineOfAProblemIsNamed() {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on("GET /jobs", 422, """
                    {"type": "urn:anneal:problem:invalid_file", "title": "Invalid file", "status": 422,
                     "detail": "2 of 40 rows are bad.", "instance": "/api/v1/datasets", "code": "invalid_file",
                     "dataset": "ds_7", "errors": [
                       {"line": 3, "column": "label", "code": "missing_label", "message": "The label is empty."},
                       {"field": "split.test", "code": "out_of_range", "message": "Must be below 1."}]}""");

            Run run = Run.of(server, "jobs");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).isEqualTo("""
                    anneal: invalid_file: 2 of 40 rows are bad.
                      line 3, column label: The label is empty.
                      split.test: Must be below 1.
                    Every problem of the file: GET /api/v1/datasets/ds_7/problems
                    """);
        }
    }

    @Test
    void aWrongKeyIsRefusedInTheServersWords() {
        try (ScriptedServer server = Bodies.script(new ScriptedServer())) {
            Run run = Run.of(server, "jobs", "--key", "wrong");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).isEqualTo("anneal: unauthorized: The key is not known here.\n");
        }
    }

    @Test
    void anAnswerThatIsNoProblemIsNotTakenForOne() {
        try (ScriptedServer server = new ScriptedServer()) {
            Run run = Run.of(server, "jobs");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("was 404, not one of an Anneal server")
                    .doesNotContain("<h1>", "\tat ");
        }
    }

    @Test
    void whereNoServerListensTheUserLearnsHowToStartOne() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        for (String[] words : new String[][] {{"jobs"}, {"follow", "job_1"}}) {
            Run run = Run.of("http://127.0.0.1:" + port, "", false, words);

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("No server answers at http://127.0.0.1:" + port)
                    .contains("anneal serve");
        }
    }
}
