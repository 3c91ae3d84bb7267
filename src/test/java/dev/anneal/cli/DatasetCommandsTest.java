package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that check a file, and that make and export versions of a dataset. */
class DatasetCommandsTest {
    private static final String REPORT = """
            {"status": "%s", "row_count": 6, "labels": [{"name": "a", "count": 3}, {"name": "b", "count": 3}],
             "splits": {"train": 5, "validation": 0, "test": 1}, "problem_count": 1, "warning_count": 1,
             "problem_codes": [{"code": "empty_text", "severity": "error", "count": 1},
                               {"code": "rare_label", "severity": "warning", "count": 1}],
             "problems": [{"line": null, "column": "label", "severity": "warning", "code": "rare_label",
                           "message": "The label 'a' has only 3 rows."},
                          {"line": 3, "column": "text", "severity": "error", "code": "empty_text",
                           "message": "The row has no text."}]}""";

    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        server.close();
    }

    private String file() throws IOException {
        return Files.writeString(folder.resolve("r.csv"), "text,label\n").toString();
    }

    @Test
    void aCheckPrintsTheProblemsAndFailsIfTheFileWouldBeRejected() throws IOException {
        server.on("POST /datasets/check", 200, REPORT.formatted("rejected"));
        Run run = Run.of(server, "datasets", "check", file(), "--columns", "label=stars", "--limit", "1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out().lines().map(String::stripTrailing))
                .containsExactly(
                        "An upload of this file would be rejected.",
                        "",
                        "problem     severity  count",
                        "empty_text  error         1",
                        "rare_label  warning       1",
                        "",
                        "line  column  severity  problem",
                        "   –  label   warning   The label 'a' has only 3 rows.",
                        "There are 1 more. Raise --limit to see them.");
        assertThat(server.only("POST /api/v1/datasets/check").body()).contains("{\"label\":\"stars\"}");
    }

    @Test
    void aCheckSaysWhatAnUploadWouldGive() throws IOException {
        server.on("POST /datasets/check", 200, REPORT.formatted("ready"));
        Run run = Run.of(server, "datasets", "check", file(), "--on-error", "skip", "--max-skipped", "2");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith(
                        "An upload of this file would be accepted: 6 rows, 2 labels: 5 to train, 0 to validate, 1 to test.");
        assertThat(server.only("POST /api/v1/datasets/check").body()).contains("on_error", "max_skipped");
        assertThat(Run.of(server, "datasets", "check", file(), "--on-error", "ignore")
                        .err())
                .contains("--on-error cannot be ignore");
    }

    @Test
    void anUploadShowsItsWarnings() throws IOException {
        server.on("POST /datasets", 201, Bodies.DATASET.replace("\"warning_count\": 0, \"problem_codes\": []", """
                        "warning_count": 3, "problem_codes": [{"code": "leakage", "severity": "warning", "count": 3}]"""));

        assertThat(Run.of(server, "upload", file()).out())
                .contains("Warnings: 3 leakage. List them: anneal datasets problems ds_1\n");
    }

    @Test
    void aFixSendsItsStepsInTheOrderOfTheHelpAndShowsWhatTheyChanged() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET.replace("\"changes\": []", """
                        "changes": [{"step": {"type": "merge_labels"}, "rows_removed": 0, "rows_changed": 7,
                                     "rows_added": 0},
                                    {"step": {"type": "remove_leakage"}, "rows_removed": 2, "rows_changed": 0,
                                     "rows_added": 0}]"""));
        Run run = Run.of(
                server,
                "datasets",
                "fix",
                "ds_1",
                "--remove-leakage",
                "--sample",
                "100",
                "--merge-labels",
                "pos=positive,+=positive",
                "--drop-labels",
                "a+b",
                "--name",
                "clean");

        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().limit(3).map(String::stripTrailing))
                .containsExactly(
                        "step            removed  changed  added",
                        "merge_labels          0        7      0",
                        "remove_leakage        2        0      0");
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"name": "clean", "steps": [
                          {"type": "merge_labels", "map": {"pos": "positive", "+": "positive"}},
                          {"type": "drop_labels", "labels": ["a", "b"]},
                          {"type": "remove_leakage"},
                          {"type": "sample", "rows": 100}]}"""));
        assertThat(Run.of(server, "datasets", "fix", "ds_1").err()).contains("at least one step");
    }

    @Test
    void aDatasetIsExportedToAFile() {
        server.on(
                "GET /datasets/ds_1/export",
                (exchange, request) -> ScriptedServer.respond(exchange, 200, "application/octet-stream", "rows"));
        Path file = folder.resolve("out.csv");
        Run run = Run.of(
                server, "datasets", "export", "ds_1", "--format", "csv", "--split", "test", "-o", file.toString());

        assertThat(run.err()).isEmpty();
        assertThat(file).hasContent("rows");
        assertThat(server.requests).anyMatch(request -> request.path().endsWith("/export?format=csv&split=test"));
        assertThat(Run.of(server, "datasets", "export", "ds_1", "-o", file.toString())
                        .err())
                .contains("exists. Give another name with --output");
    }

    @Test
    void theVersionsOfADatasetAreListedWithTheirSteps() {
        server.on(
                "GET /datasets/ds_1/versions",
                200,
                "{\"data\": [" + Bodies.DATASET.replace("\"parent\": null, \"changes\": []", """
                        "parent": "ds_0", "changes": [{"step": {"type": "strip"}, "rows_removed": 0,
                                                       "rows_changed": 7, "rows_added": 0}]""")
                        + "], \"has_more\": false}");

        assertThat(Run.of(server, "datasets", "versions", "ds_1").out()).contains("ds_0", "2,000", "strip");
    }
}
