package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
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

    /** Answers with each body in turn, and then with the last one. */
    private static ScriptedServer.Answer inTurn(String... bodies) {
        AtomicInteger next = new AtomicInteger();
        return (exchange, request) -> ScriptedServer.respond(
                exchange, 200, "application/json", bodies[Math.min(next.getAndIncrement(), bodies.length - 1)]);
    }

    private static final String VALIDATING = Bodies.DATASET
            .replace("\"status\": \"ready\"", "\"status\": \"validating\"")
            .replace(
                    "\"progress\": null",
                    "\"progress\": {\"phase\": \"checking\", \"read_bytes\": 5, \"total_bytes\": 10, \"row_count\": 3}");

    @Test
    void anUploadWaitsUntilTheServerHasCheckedTheFile() throws IOException {
        server.on("POST /datasets", 202, VALIDATING);
        server.on("GET /datasets/ds_1", inTurn(VALIDATING, Bodies.DATASET));
        Run run = Run.of(server.url(), "", true, "upload", file());

        assertThat(run.out()).contains("checking 5 B of 10 B, 3 rows", "2,000 rows, 2 labels");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void aDatasetThatIsRejectedLaterIsAnErrorWithItsProblems() throws IOException {
        server.on("POST /datasets", 202, VALIDATING);
        server.on("GET /datasets/ds_1", inTurn(VALIDATING.replace("validating", "rejected")));
        server.on("GET /datasets/ds_1/problems", inTurn("""
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
        server.on("GET /uploads", 200, "{\"data\": [], \"has_more\": false}");
        server.on("POST /uploads", 201, upload("", 0));
        server.on("PATCH /uploads/upl_1", (exchange, request) -> exchange.sendResponseHeaders(204, -1));
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
        server.on("GET /uploads", 200, "{\"data\": [" + upload(fingerprint, 5) + "], \"has_more\": false}");
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
        server.on("GET /uploads", 200, "{\"data\": [], \"has_more\": false}");
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
        server.on("GET /uploads", 200, "{\"data\": [], \"has_more\": false}");
        server.on("POST /uploads", 201, upload("", 11));
        server.on("POST /datasets", 201, Bodies.DATASET);
        Run run = Run.of(server, "upload", file(), "--resumable");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("The dataset ds_1 has other bytes than the file");
    }

    @Test
    void aSourceIsFetchedByTheServer() {
        server.on("GET /datasets", 200, "{\"data\": [], \"has_more\": false}");
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
        String fetching = VALIDATING.replace("checking", "fetching");
        server.on("GET /datasets", 200, "{\"data\": [], \"has_more\": false}");
        server.on("POST /datasets", 202, fetching.replace("\"total_bytes\": 10", "\"total_bytes\": null"));
        server.on("GET /datasets/ds_1", inTurn(fetching, Bodies.DATASET));

        Run run = Run.of(server.url(), "", true, "upload", "https://example.org/files/reviews.csv?token=secret");

        assertThat(run.out())
                .contains("the server fetches the files, 5 B", "the server fetches the files, 5 B of 10 B", "2 labels");
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
    void aFixSendsTheOptionsOfItsSteps() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET);

        Run run = Run.of(
                server,
                "datasets",
                "fix",
                "ds_1",
                "--remove-leakage",
                "--leakage-from",
                "evaluation",
                "--drop-near-duplicates",
                "--similarity",
                "0.9",
                "--redact-kinds",
                "email+phone",
                "--filter",
                "labels=a+b,splits=train,contains=x,min_characters=20");

        assertThat(run.err()).isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"steps": [
                          {"type": "filter", "labels": ["a", "b"], "splits": ["train"], "contains": "x",
                           "min_characters": 20},
                          {"type": "redact", "kinds": ["email", "phone"]},
                          {"type": "drop_near_duplicates", "similarity": 0.9},
                          {"type": "remove_leakage", "from": "evaluation", "similarity": 0.9}]}"""));
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--strip", "--similarity", "0.9")
                        .err())
                .contains("--similarity needs --drop-near-duplicates or --remove-leakage.");
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--strip", "--leakage-from", "train")
                        .err())
                .contains("--leakage-from needs --remove-leakage.");
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--filter", "label=a")
                        .err())
                .contains("--filter has no setting label", "Did you mean");
    }

    @Test
    void rowsThatAReportNamesAreDroppedOrRelabelled() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET);
        server.on("GET /datasets/ds_1", 200, Bodies.DATASET);
        server.on("GET /jobs/job_1", 200, "{\"id\": \"job_1\", \"dataset\": \"ds_1\", \"test_dataset\": \"ds_2\"}");
        server.on("GET /jobs/job_2", 200, "{\"id\": \"job_2\", \"dataset\": \"ds_2\"}");
        String report = """
                {"split": "test", "findings": {"likely_mislabelled": [
                  {"split": "test", "rows": [{"row": 9, "suggested_label": "a", "confident": true}]},
                  {"split": "train", "rows": [{"row": 7, "suggested_label": "b", "confident": true},
                                              {"row": 3, "suggested_label": "a", "confident": true},
                                              {"row": 5, "suggested_label": "a", "confident": false}]}]}}""";
        server.on("GET /jobs/job_1/report", 200, report);
        server.on("GET /jobs/job_2/report", 200, report);

        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-mislabelled", "job_1")
                        .err())
                .isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("{\"steps\": [{\"type\": \"drop_rows\", \"numbers\": [7, 3]}]}"));
        server.requests.clear();
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--relabel-mislabelled", "job_1")
                        .err())
                .isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree(
                        "{\"steps\": [{\"type\": \"relabel\", \"new_labels\": {\"7\": \"b\", \"3\": \"a\"}}]}"));
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-mislabelled", "job_2")
                        .err())
                .contains("names no rows of this dataset");
        server.requests.clear();
        server.on("GET /evaluations/eval_1", 200, "{\"id\": \"eval_1\", \"dataset\": \"ds_1\"}");
        server.on("GET /evaluations/eval_1/report", 200, report);
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-mislabelled", "eval_1")
                        .err())
                .isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("{\"steps\": [{\"type\": \"drop_rows\", \"numbers\": [9, 7, 3]}]}"));
    }

    @Test
    void rowsThatAReportDoesNotNameOrHasNoLabelForAreCounted() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET);
        server.on("GET /datasets/ds_1", 200, Bodies.DATASET);
        server.on("GET /jobs/job_1", 200, "{\"id\": \"job_1\", \"dataset\": \"ds_1\"}");
        server.on("GET /jobs/job_2", 200, "{\"id\": \"job_2\", \"dataset\": \"ds_1\"}");
        String report = """
                {"split": "test", "findings": {"likely_mislabelled": [
                  {"split": "train", "confident": 2345, "rows": [
                    {"row": 7, "suggested_label": %s, "confident": true},
                    {"row": 3, "suggested_label": null, "confident": true}]}]}}""";
        server.on("GET /jobs/job_1/report", 200, report.formatted("\"b\""));
        server.on("GET /jobs/job_2/report", 200, report.formatted("null"));

        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-mislabelled", "job_1")
                        .out())
                .contains("names 2 of the 2,345 rows whose label is probably wrong");
        server.requests.clear();
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--relabel-mislabelled", "job_1")
                        .out())
                .contains("suggests no label for 1 of the 2 rows");
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(
                        Json.MAPPER.readTree("{\"steps\": [{\"type\": \"relabel\", \"new_labels\": {\"7\": \"b\"}}]}"));
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--relabel-mislabelled", "job_2")
                        .err())
                .contains("suggests no label for these rows");
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
    void theEndingOfTheFileChoosesTheFormatOfAnExport() {
        server.on(
                "GET /datasets/ds_1/export",
                (exchange, request) -> ScriptedServer.respond(exchange, 200, "application/octet-stream", "rows"));

        for (String format : List.of("csv", "parquet", "jsonl")) {
            Run.of(
                    server,
                    "datasets",
                    "export",
                    "ds_1",
                    "-o",
                    folder.resolve("q." + format).toString());
            assertThat(server.requests.get(server.requests.size() - 1).path()).endsWith("/export?format=" + format);
        }
        Run.of(server, "datasets", "export", "ds_1", "-o", folder.resolve("q").toString());
        assertThat(server.requests.get(server.requests.size() - 1).path()).endsWith("/export?format=jsonl");
        assertThat(Run.of(server, "datasets", "export", "ds_1", "-o", "q.csv", "--format", "jsonl")
                        .err())
                .startsWith(
                        "anneal: --output ends with .csv, but --format is jsonl. Leave out --format, or give the file another"
                                + " ending.");
        assertThat(Run.of(server, "datasets", "export", "ds_1", "-o", "q.xlsx").err())
                .startsWith(
                        "anneal: --output cannot end with .xlsx. Choose one of .jsonl, .csv, .parquet, or name one with"
                                + " --format.");
    }

    @Test
    void aFixSaysThatNearDuplicatesMayBeLeftAndHowToDropThem() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET.replace("\"changes\": []", """
                        "changes": [{"step": {"type": "drop_near_duplicates"}, "rows_removed": 7, "rows_changed": 0,
                                     "rows_added": 0, "stopped": true}]"""));
        server.on("POST /datasets/ds_2/versions", 201, Bodies.DATASET.replace("\"changes\": []", """
                        "changes": [{"step": {"type": "drop_near_duplicates", "similarity": 0.95}, "rows_removed": 7,
                                     "rows_changed": 0, "rows_added": 0, "stopped": true}]"""));
        String hint = "So many rows are similar that not all were compared. To drop more: anneal datasets fix ds_1"
                + " --drop-near-duplicates";

        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-near-duplicates")
                        .out())
                .contains(hint + System.lineSeparator());
        assertThat(Run.of(server, "datasets", "fix", "ds_2", "--drop-near-duplicates", "--similarity", "0.95")
                        .out())
                .contains(hint + " --similarity 0.95" + System.lineSeparator());
    }

    @Test
    void namesWithAPlusAreGivenAsAJsonList() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET);

        Run run = Run.of(
                server,
                "datasets",
                "fix",
                "ds_1",
                "--filter",
                "{\"labels\":[\"R+D\",\"C++\",5],\"splits\":[\"train\"]}",
                "--drop-labels",
                "[\"R+D\"]");

        assertThat(run.err()).isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"steps": [
                          {"type": "filter", "labels": ["R+D", "C++", "5"], "splits": ["train"]},
                          {"type": "drop_labels", "labels": ["R+D"]}]}"""));
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-labels", "C++")
                        .err())
                .contains(
                        "--drop-labels cannot be C++. Names have a + between them. If a name has a + in it, give a JSON list");
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--filter", "{\"labels\":[[\"a\"]]}")
                        .err())
                .contains("--filter labels cannot be [[\"a\"]]. Give a list of names.");
    }

    @Test
    void aProblemThatNoRowHasIsAnsweredWithThoseThatExist() {
        server.on("GET /datasets/ds_1/rows", 200, "{\"data\": [], \"has_more\": false, \"next_after\": null}");
        server.on(
                "GET /datasets/ds_1",
                200,
                Bodies.DATASET.replace(
                        "\"problem_codes\": []",
                        "\"problem_codes\": [{\"code\": \"duplicate\", \"severity\": \"warning\", \"count\": 1}]"));

        assertThat(Run.of(server, "datasets", "browse", "ds_1", "--problem", "duplicates")
                        .out())
                .isEqualTo(
                        "No row has the problem 'duplicates'. The dataset has: duplicate. Did you mean 'duplicate'?\n");
        assertThat(Run.of(server, "datasets", "browse", "ds_1", "--problem", "duplicate")
                        .out())
                .isEqualTo("None.\n");
    }

    @Test
    void aDatasetThatIsNamedLikeACommandMayBeThatCommand() {
        server.on("GET /datasets", 200, "{\"data\": [], \"has_more\": false}");

        assertThat(Run.of(server, "dataset", "delete").err())
                .startsWith(
                        "anneal: There is no dataset named delete. List them: anneal datasets. Did you mean 'datasets"
                                + " delete'?");
    }

    @Test
    void aFixWaitsUntilTheVersionIsMade() {
        String making = VALIDATING.replace("\"total_bytes\": 10", "\"total_bytes\": null");
        server.on("POST /datasets/ds_1/versions", 202, making);
        server.on("GET /datasets/ds_1", inTurn(making, Bodies.DATASET));

        assertThat(Run.of(server.url(), "", true, "datasets", "fix", "ds_1", "--strip")
                        .out())
                .contains("the server makes the rows", "2 labels");
    }

    @Test
    void anUploadForEvaluationSaysHowToUseIt() {
        server.on("GET /datasets", 200, "{\"data\": [], \"has_more\": false}");
        server.on("POST /datasets", 201, Bodies.DATASET.replaceFirst("\"train\": \\d+", "\"train\": 0"));

        assertThat(Run.of(server, "upload", "https://example.org/reviews.csv").out())
                .contains(
                        "It has no training rows, so it is only for evaluation: anneal train DATASET --test reviews.csv");
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

    private static final String STATISTICS = """
            {"rows": {"train": 80, "validation": 10, "test": 10},
             "labels": [{"name": "a", "train": 40, "validation": 5, "test": 5}],
             "text_length": {"min": 1, "mean": 2, "p50": 2, "p95": 6, "max": 1500,
                             "histogram": [{"from": 1, "to": 1, "count": 40}, {"from": 2, "to": 2, "count": 0},
                                           {"from": 1025, "to": 1536, "count": 1}]},
             "score": null, "repeated_texts": 0,
             "repetitions": {"duplicate": 3, "conflicting_label": 0, "near_duplicate": 0, "leakage": 1, "near_leakage": 0},
             "vocabulary": {"train_rows": 80, "evaluation_rows": 20, "words": 100, "unseen_words": 12, "unseen_share": 0.12},
             "label_terms": {"rows": 80, "labels": [{"label": "a", "rows": 40, "terms": [
                {"term": "delight", "rows": 12, "all_rows": 13, "z": 4.5}, {"term": "true delight", "rows": 9, "all_rows": 9, "z": 4}]}]},
             "tokens": %s}""";

    private static final String TOKENS = """
            {"base_model": "m", "task": "text-classification", "rows": 100, "is_sample": false,
             "lengths": {"min": 3, "mean": 3, "p50": 3, "p95": 8, "max": 300, "histogram": [{"from": 3, "to": 3, "count": 100}]},
             "max_length": 128, "model_max_length": 512, "long_texts": "truncate", "rows_beyond": 2, "row_share_beyond": 0.02,
             "tokens_beyond": 30, "token_share_beyond": 0.015, "suggested_max_length": 136, "tokens_per_word": 1.25,
             "unknown_tokens": 1, "unknown_share": 0.001, "refused_rows": 0, "refused_reason": null}""";

    @Test
    void statisticsAreShownAsBarsAndTables() {
        server.on("GET /datasets/ds_1/statistics", 200, STATISTICS.formatted("null"));
        Run run = Run.of(server, "datasets", "stats", "ds_1");

        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().map(String::stripTrailing))
                .containsExactly(
                        "rows         80 to train, 10 to validate, 10 to test",
                        "repetitions  3 duplicate, 1 leakage",
                        "new words    12.0% of the words to validate and test are in none of 80 training rows",
                        "",
                        "Characters per row: 1 to 1,500, half of the rows have at most 2, 95% at most 6",
                        " characters  rows",
                        "          1    40  " + "█".repeat(40),
                        "          2     0",
                        "1,025–1,536     1  █",
                        "",
                        "label  train  validation  test",
                        "a         40           5     5",
                        "",
                        "label  words that tell most about it",
                        "a      delight, true delight");
    }

    @Test
    void statisticsOfTokensSayWhatIsLost() {
        server.on("GET /models/mdl_9", 200, Bodies.MODEL);
        server.on("GET /datasets/ds_1/statistics", 200, STATISTICS.formatted(TOKENS));
        Run run = Run.of(server, "datasets", "stats", "ds_1", "--model", "mdl_9", "--max-length", "128");

        assertThat(server.only("GET /api/v1/datasets/ds_1/statistics").path())
                .endsWith("/statistics?base_model=m&max_length=128");
        assertThat(run.out())
                .contains(
                        "tokens of    m for text-classification, 100 rows\n",
                        "max length   128: 2 rows (2.0%) are longer, 1.5% of the tokens are lost\n",
                        "suggestion   --max-length 136 leaves out less than 1% of the tokens\n",
                        "vocabulary   1.25 tokens for each word; 1 tokens (0.1%) are unknown\n");
        assertThat(Run.of(server, "datasets", "stats", "ds_1", "--max-length", "128")
                        .err())
                .contains("need --model");
    }

    @Test
    void browsingSendsItsFiltersAndNamesTheNextPage() {
        server.on("GET /datasets/ds_1/rows", 200, """
                {"data": [{"number": 7, "split": "test", "text": "50% off\\nnow", "label": "a"},
                          {"number": 9, "split": "test", "tokens": ["in", "Paris"], "tags": ["O", "B-LOC"]}],
                 "has_more": true, "next_after": 9}""");
        Run run = Run.of(
                server,
                "datasets",
                "browse",
                "ds_1",
                "--split",
                "test",
                "--label",
                "a",
                "--text",
                "50% off",
                "--limit",
                "2");

        assertThat(run.err()).isEmpty();
        assertThat(server.only("GET /api/v1/datasets/ds_1/rows").path())
                .endsWith("/rows?split=test&label=a&text=50%25%20off&limit=2");
        assertThat(run.out().lines().map(String::stripTrailing))
                .containsExactly(
                        "row  split  label  text",
                        "  7  test   a      50% off\\nnow",
                        "  9  test   B-LOC  in Paris",
                        "There may be more. Continue with --after 9.");
        assertThat(Run.of(server, "datasets", "browse", "ds_1", "--seed", "3").err())
                .contains("--seed needs --sample");
    }

    @Test
    void aRowIsShownAsTheModelSeesIt() {
        server.on("GET /datasets/ds_1", 200, Bodies.DATASET);
        server.on("GET /datasets/ds_1/rows/7/tokens", 200, """
                {"number": 7, "split": "train", "base_model": "all-MiniLM-L6-v2", "task": "text-classification",
                 "max_length": 4, "rendered": null, "labels": ["a"], "score": null, "examples": [{"tokens": [
                   {"id": 101, "text": "[CLS]", "special": true, "learned": false},
                   {"id": 2204, "text": "good", "field": "text", "start": 0, "end": 4, "special": false, "learned": false},
                   {"id": 102, "text": "[SEP]", "special": true, "learned": false}], "token_count": 3, "learned_count": 0}],
                 "token_count": 3, "cut": [{"id": 2143, "text": "film", "field": "text", "start": 5, "end": 9,
                   "special": false, "learned": false}], "cut_count": 1, "learned_cut_count": 0}""");
        Run run = Run.of(server, "datasets", "inspect", "ds_1", "7", "--max-length", "4");

        assertThat(run.err()).isEmpty();
        assertThat(server.only("GET /api/v1/datasets/ds_1/rows/7/tokens").path())
                .endsWith("?base_model=all-MiniLM-L6-v2&max_length=4");
        assertThat(run.out().lines().map(String::stripTrailing))
                .containsExactly(
                        "row          7 (train)",
                        "for          text-classification with all-MiniLM-L6-v2, max length 4",
                        "learned      a",
                        "cut          1 tokens: film",
                        "",
                        "Example 1: 3 tokens",
                        "token    id  text   from      learned",
                        "    1   101  [CLS]",
                        "    2  2204  good   text 0–4",
                        "    3   102  [SEP]");
    }
}
