package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.text.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that check files and upload them. */
class UploadCommandsTest {
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
    void severalFilesAreCheckedTogether() throws IOException {
        server.on("POST /datasets/check", 200, REPORT.formatted("ready"));
        String more = Files.writeString(folder.resolve("t.csv"), "text,label\n").toString();

        Run run = Run.of(server, "datasets", "check", "--train", file(), "--test", more, "--validation", more);

        assertThat(run.out()).startsWith("An upload of these files would be accepted: 6 rows");
        assertThat(server.only("POST /api/v1/datasets/check").body())
                .contains("name=\"train\"", "name=\"validation\"", "name=\"test\"", "filename=\"t.csv\"");
        assertThat(Run.of(server, "datasets", "check").err()).contains("Name a file to check.");
    }

    @Test
    void aProblemOfOneOfSeveralFilesNamesItsFile() throws IOException {
        server.on(
                "POST /datasets/check",
                200,
                REPORT.formatted("rejected").replace("{\"line\": 3,", "{\"file\": \"b.csv\", \"line\": 3,"));

        assertThat(Run.of(server, "datasets", "check", file()).out()).contains("b.csv:3  text");
    }

    @Test
    void anUploadShowsItsWarnings() throws IOException {
        server.on("POST /datasets", 201, Bodies.DATASET.replace("\"warning_count\": 0, \"problem_codes\": []", """
                        "warning_count": 3, "problem_codes": [{"code": "leakage", "severity": "warning", "count": 3}]"""));

        assertThat(Run.of(server, "upload", file()).out())
                .contains("Warnings: 3 leakage. List them: anneal datasets problems ds_1\n");
    }

    @Test
    void anUploadWaitsUntilTheServerHasCheckedTheFile() throws IOException {
        server.on("POST /datasets", 202, Bodies.VALIDATING);
        server.on("GET /datasets/ds_1", ScriptedServer.inTurn(Bodies.VALIDATING, Bodies.DATASET));
        Run run = Run.of(server.url(), "", true, "upload", file());

        assertThat(run.out()).contains("checking 5 B of 10 B, 3 rows", "2,000 rows, 2 labels");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void aDatasetThatIsRejectedLaterIsAnErrorWithItsProblems() throws IOException {
        server.on("POST /datasets", 202, Bodies.VALIDATING);
        server.on("GET /datasets/ds_1", ScriptedServer.inTurn(Bodies.VALIDATING.replace("validating", "rejected")));
        server.on("GET /datasets/ds_1/problems", ScriptedServer.inTurn("""
                {"data": [{"number": 1, "line": 3, "column": "text", "severity": "error", "code": "empty_text",
                           "message": "The row has no text."}], "has_more": false}"""));
        Run run = Run.of(server, "upload", file());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("bad rows", "line 3, column text: The row has no text.", "anneal datasets problems ds_1");
    }

    private static String upload(String fingerprint, int offset) {
        return """
                {"id": "upl_1", "name": "r.csv", "size_bytes": 11, "offset_bytes": %d,
                 "metadata": {"filename": "r.csv", "fingerprint": "%s" },
                 "created_at": "2026-11-24T14:35:05Z", "expires_at": "2026-11-26T14:35:05Z"}""".formatted(offset, fingerprint);
    }

    @Test
    void aFileIsSentInPartsAndTheSameCommandSendsTheRest() throws IOException {
        String file = file();
        String sha256 = Sha256.of("text,label\n");
        server.list("GET /uploads");
        server.on("POST /uploads", 201, upload("", 0));
        server.on("PATCH /uploads/upl_1", 204, "");
        server.on("POST /datasets", 201, Bodies.DATASET.replace("ab12", sha256));
        assertThat(Run.of(server, "upload", file, "--resumable").err()).isEmpty();

        ScriptedServer.Request created = server.only("POST /api/v1/uploads");
        assertThat(created.headers()).containsEntry("upload-length", "11");
        String fingerprint = new String(
                Base64.getDecoder()
                        .decode(created.headers().get("upload-metadata").replaceAll(".*fingerprint (\\S+)", "$1")),
                StandardCharsets.UTF_8);
        ScriptedServer.Request part = server.only("PATCH");
        assertThat(part.body()).isEqualTo("text,label\n");
        assertThat(part.headers())
                .containsEntry("upload-offset", "0")
                .containsEntry("content-type", "application/offset+octet-stream");
        ScriptedServer.Request dataset = server.only("POST /api/v1/datasets");
        assertThat(dataset.body())
                .contains("name=\"upload\"\r\n\r\nupl_1")
                .doesNotContain("filename=", "name=\"name\"");

        server.requests.clear();
        server.list("GET /uploads", upload(fingerprint, 5));
        Run again = Run.of(server, "upload", file, "--resumable");
        assertThat(again.out()).contains("Resuming at 5 B of 11 B.");
        assertThat(server.only("PATCH").body()).isEqualTo("label\n");
        assertThat(server.only("POST /api/v1/datasets").headers().get("idempotency-key"))
                .as("a command that is given again gets the same dataset")
                .isEqualTo(dataset.headers().get("idempotency-key"));
    }

    /** Answers with each in turn. */
    private static ScriptedServer.Answer each(ScriptedServer.Answer... answers) {
        AtomicInteger next = new AtomicInteger();
        return (exchange, request) -> answers[next.getAndIncrement()].to(exchange, request);
    }

    private static ScriptedServer.Answer problem(int status, String code) {
        return (exchange, request) -> ScriptedServer.respond(
                exchange,
                status,
                "application/problem+json",
                "{\"status\": %d, \"code\": \"%s\", \"detail\": \"No.\"}".formatted(status, code));
    }

    @Test
    void theDatasetOfAnUploadIsAskedForAgainWithTheSameKeyUnlessItWasDeleted() throws IOException {
        server.list("GET /uploads");
        server.on("POST /uploads", 201, upload("", 11));
        server.on(
                "POST /datasets",
                each(
                        (exchange, request) -> exchange.close(), // the connection is lost
                        problem(409, "idempotency_key_in_use"),
                        problem(423, "upload_locked"),
                        problem(409, "idempotent_result_deleted"),
                        (exchange, request) -> ScriptedServer.respond(
                                exchange,
                                201,
                                "application/json",
                                Bodies.DATASET.replace("ab12", Sha256.of("text,label\n")))));
        Run run = Run.of(server, "upload", file(), "--resumable");

        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> keys = server.requests.stream()
                .filter(request -> request.line().equals("POST /api/v1/datasets"))
                .map(request -> request.headers().get("idempotency-key"))
                .toList();
        assertThat(keys).hasSize(5);
        assertThat(keys.subList(0, 4)).containsOnly(keys.get(0));
        assertThat(keys.get(4)).startsWith("upl_1-").isNotEqualTo(keys.get(0));
    }

    @Test
    void aFileThatChangedDuringItsUploadIsAnError() throws IOException {
        server.list("GET /uploads");
        server.on("POST /uploads", 201, upload("", 11));
        server.on("POST /datasets", 201, Bodies.DATASET);
        Run run = Run.of(server, "upload", file(), "--resumable");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("The dataset ds_1 has other bytes than the file");
    }

    @Test
    void aSourceIsFetchedByTheServer() {
        server.list("GET /datasets");
        server.on("POST /datasets", 201, Bodies.DATASET);

        Run run = Run.of(
                server, "upload", "hf:acme/news", "--revision", "v1", "--config", "en", "--columns", "label=topic");

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("Dataset reviews.csv", "Next: anneal train reviews.csv");
        String form = server.only("POST /api/v1/datasets").body();
        Map.of("source", "hf:acme/news", "columns", "{\"label\":\"topic\"}", "revision", "v1", "config", "en")
                .forEach(
                        (field, value) -> assertThat(form).contains("name=\"" + field + "\"\r\n\r\n" + value + "\r\n"));
        assertThat(form).doesNotContain("name=\"name\""); // the server names the dataset after its source
        assertThat(Run.of(server, "upload", "rows.csv", "--config", "en").err())
                .contains("for a source such as hf:org/name");
        assertThat(Run.of(server, "upload", "https://example.org/x.csv", "--test", "t.csv")
                        .err())
                .contains("Leave out the other files");
    }

    @Test
    void howMuchTheServerHasFetchedIsShown() {
        String fetching = Bodies.VALIDATING.replace("checking", "fetching");
        server.list("GET /datasets");
        server.on("POST /datasets", 202, fetching.replace("\"total_bytes\": 10", "\"total_bytes\": null"));
        server.on("GET /datasets/ds_1", ScriptedServer.inTurn(fetching, Bodies.DATASET));

        Run run = Run.of(server.url(), "", true, "upload", "https://example.org/files/reviews.csv?token=secret");

        assertThat(run.out())
                .contains("the server fetches the files, 5 B", "the server fetches the files, 5 B of 10 B", "2 labels");
    }

    @Test
    void anUploadForEvaluationSaysHowToUseIt() {
        server.list("GET /datasets");
        server.on("POST /datasets", 201, Bodies.DATASET.replaceFirst("\"train\": \\d+", "\"train\": 0"));

        assertThat(Run.of(server, "upload", "https://example.org/reviews.csv").out())
                .contains(
                        "It has no training rows, so it is only for evaluation: anneal train DATASET --test reviews.csv");
    }
}
