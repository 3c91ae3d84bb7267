package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void theBadRowsOfAFileAreListed() {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on("GET /jobs", 422, """
                    {"type": "urn:anneal:problem:invalid_file", "title": "Invalid file", "status": 422,
                     "detail": "2 of 40 rows are bad.", "instance": "/api/v1/datasets", "code": "invalid_file",
                     "dataset": "ds_7", "errors": [
                       {"line": 3, "column": "label", "code": "missing_label", "message": "The label is empty."},
                       {"line": 9, "code": "field_count", "message": "The line has 3 fields."}]}""");

            Run run = Run.of(server, "jobs");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).isEqualTo("""
                    anneal: The file has bad rows. Correct them and upload the file again:
                      line 3, column label: The label is empty.
                      line 9: The line has 3 fields.
                    List all of them: anneal datasets problems ds_7
                    """);
        }
    }

    @Test
    void whatIsWrongInManyLinesIsSaidOnce() {
        String row = "{\"line\": %d, \"code\": \"encoding\", \"message\": \"Save the file as UTF-8.\"}";
        try (ScriptedServer server = new ScriptedServer()) {
            server.on(
                    "GET /jobs",
                    422,
                    "{\"status\": 422, \"code\": \"invalid_file\", \"dataset\": \"ds_7\", \"errors\": ["
                            + IntStream.rangeClosed(2, 21)
                                    .mapToObj(row::formatted)
                                    .collect(Collectors.joining(", "))
                            + ", {\"line\": 30, \"code\": \"x\", \"message\": \"The line has 3 fields.\"}]}");

            assertThat(Run.of(server, "jobs").err()).isEqualTo("""
                    anneal: The file has bad rows. Correct them and upload the file again:
                      lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 10 more: Save the file as UTF-8.
                      line 30: The line has 3 fields.
                    List all of them: anneal datasets problems ds_7
                    """);
        }
    }

    @Test
    void fieldsOfTheApiAreNamedAsOptions() {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on("GET /jobs", 422, """
                    {"status": 422, "code": "invalid_request", "detail": "2 fields are wrong.", "errors": [
                       {"field": "hyperparameters.max_length", "code": "x",
                        "message": "'hyperparameters.max_length' is 900; 'm' takes at most 512 tokens."},
                       {"field": "early_stopping.metric", "code": "x", "message": "'f2' is not a metric."},
                       {"field": "base_model", "code": "x", "message": "There is no base model 'x'."}]}""");

            assertThat(Run.of(server, "jobs").err()).isEqualTo("""
                    anneal: Several values are wrong:
                      --max-length is 900; 'm' takes at most 512 tokens.
                      --early-stopping metric=…: 'f2' is not a metric.
                      --model: There is no base model 'x'.
                    """);

            server.on("GET /jobs", 422, """
                    {"status": 422, "code": "missing_column",
                     "detail": "No column has the role 'text'; name it in 'columns', as {\\"text\\": \\"…\\"}."}""");
            assertThat(Run.of(server, "jobs").err())
                    .isEqualTo("anneal: No column has the role 'text'; name it in --columns, as text=….\n");

            server.on("GET /jobs", 422, """
                    {"status": 422, "code": "x", "detail": "A column has the splits. Omit the field 'split'."}""");
            assertThat(Run.of(server, "jobs").err()).isEqualTo("anneal: A column has the splits. Omit --split.\n");

            server.on("GET /jobs", 409, """
                    {"status": 409, "code": "model_not_ready",
                     "detail": "The model is importing. See /api/v1/models/mdl_7."}""");
            assertThat(Run.of(server, "jobs").err())
                    .isEqualTo("anneal: The model is importing. See `anneal model mdl_7`.\n");
        }
    }

    @Test
    void aConfigurationIsNamedWithItsOption() {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on("GET /jobs", 422, """
                    {"status": 422, "code": "config_required",
                     "detail": "It has several: de, en. Name one in 'config', or after the repository, as in hf:org/name/en."}""");
            assertThat(Run.of(server, "jobs").err())
                    .isEqualTo(
                            "anneal: It has several: de, en. Name one in --config, or after the repository, as in hf:org/name/en.\n");

            server.on("GET /jobs", 422, """
                    {"status": 422, "code": "unknown_config", "detail": "It has only one. Leave out 'config'."}""");
            assertThat(Run.of(server, "jobs").err()).isEqualTo("anneal: It has only one. Leave out --config.\n");
        }
    }

    @Test
    void aColumnThatIsNamedLikeAnOptionStaysAColumn() {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on("GET /jobs", 422, """
                    {"status": 422, "code": "missing_column", "detail": "There is no column 'name'."}""");

            assertThat(Run.of(server, "jobs").err()).contains("There is no column 'name'.");
        }
    }

    @Test
    void aWrongKeyIsRefusedInTheServersWords() {
        try (ScriptedServer server = Bodies.script(new ScriptedServer())) {
            Run run = Run.of(server, "jobs", "--key", "wrong");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).isEqualTo("anneal: The key is not known here.\n");
        }
    }

    @Test
    void anAnswerThatIsNoProblemIsNotTakenForOne() {
        try (ScriptedServer server = new ScriptedServer()) {
            Run run = Run.of(server, "jobs");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("answered with status 404, but not by an Anneal server. Check --url.")
                    .doesNotContain("<h1>", "\tat ");
        }
    }

    @Test
    void ifNoServerAnswersTheMessageSaysHowToStartOne() throws IOException {
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
