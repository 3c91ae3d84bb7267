package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that evaluate a model and predict for a file. */
class EvaluateTest {
    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @TempDir
    Path folder;

    @BeforeEach
    void script() {
        script("evaluation", "eval_1", "succeeded");
        script("prediction", "pred_1", "succeeded");
        server.on("GET /evaluations/eval_1/report", 200, Bodies.REPORT);
        server.on("DELETE /datasets/ds_1", 204, "");
        server.on("DELETE /predictions/pred_1", 204, "");
        server.file("GET /predictions/pred_1/download", "rows");
    }

    private void script(String kind, String id, String status) {
        String thing = """
                {"id": "%s", "status": "%s", "rows": 200, "error": %s}""".formatted(
                id, status, status.equals("failed") ? "{\"code\": \"x\", \"message\": \"Out of memory.\"}" : "null");
        server.on("POST /" + kind + "s", 201, thing)
                .on("GET /" + kind + "s/" + id, 200, thing)
                .on(
                        "GET /" + kind + "s/" + id + "/events",
                        (exchange, request) -> Bodies.stream(
                                exchange,
                                Bodies.event(1, "status", "{\"status\": \"queued\", \"attempt\": 0}")
                                        + Bodies.event(2, "progress", """
                                                {"examples_done": 100, "examples": 200, "percent": 25.0,
                                                 "examples_per_second": 412.3, "eta_seconds": 3.0}""")
                                        + Bodies.event(
                                                3, "status", "{\"status\": \"" + status + "\", \"attempt\": 1}")));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void anEvaluationIsFollowedToItsReport() {
        Run run = Run.of(server, "evaluate", "mdl_1", "ds_1", "--split", "all", "--label-map", "a=negative,b=positive");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Evaluation eval_1   200 rows", "25%  100 of 200  412/s", "0.935", "precision");
        assertThat(Json.MAPPER.readTree(server.only("POST /api/v1/evaluations").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"model": "mdl_1", "dataset": "ds_1", "split": "all",
                         "label_map": {"a": "negative", "b": "positive"}}"""));
    }

    @Test
    void theReportIsAskedForAndShownWithTheComparisonAndTheCommandThatRemovesWrongLabels() throws Exception {
        Path terms =
                Files.writeString(folder.resolve("terms.json"), "{\"age\": {\"young\": [\"x\"], \"old\": [\"y\"]}}");
        server.on("GET /evaluations/eval_1/report", 200, """
                {"split": "test", "loss": 0.2, "accuracy": 0.9, "examples": 200, "evaluation": "eval_1",
                 "comparison": {"evaluation": "eval_0",
                   "metrics": {"accuracy": {"difference": 0.05, "interval": {"low": 0.01, "high": 0.09}, "p_value": 0.012}},
                   "right_rows": {"only_first": 14, "only_second": 4, "p_value": 0.0309}},
                 "findings": {"likely_mislabelled": [
                   {"dataset": "ds_1", "split": "test", "examined": 200, "confident": 2,
                    "rows": [{"row": 7, "label": "a", "suggested_label": "b"}]},
                   {"dataset": "ds_1", "split": "train", "examined": 900, "confident": 1,
                    "rows": [{"row": 9, "label": "a", "suggested_label": "b"}]}]}}""");

        Run run = Run.of(
                server,
                "evaluate",
                "mdl_1",
                "ds_1",
                "--compare-to",
                "eval_0",
                "--slice-by",
                "group+split",
                "--terms",
                terms.toString());

        assertThat(run.err()).isEmpty();
        assertThat(Json.MAPPER.readTree(server.only("POST /api/v1/evaluations").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"model": "mdl_1", "dataset": "ds_1", "compare_to": "eval_0", "slice_by": ["group", "split"],
                         "terms": {"age": {"young": ["x"], "old": ["y"]}}}"""));
        assertThat(run.out())
                .contains(
                        "Compared with eval_0 on the same rows",
                        "+0.050",
                        "0.010 to 0.090",
                        "0.0120",
                        "Only this model is right on 14 rows, only the other one on 4 (McNemar p 0.0309)",
                        "2 of 200 test rows probably have a wrong label")
                .containsOnlyOnce("datasets fix ds_1 --drop-mislabelled eval_1");
    }

    @Test
    void answersAreAskedForAndTheirSimilarityIsShown() {
        server.on("GET /evaluations/eval_1/report", 200, """
                {"task": "causal-lm", "split": "test", "loss": 2.1, "perplexity": 8.17, "examples": 200, "evaluation": "eval_1",
                 "answers": {"model": {"answers": 2, "cut": 1, "exact_match": 0.5, "rouge_l": 0.61, "chrf": 55.25},
                             "left_out": 0, "samples": []}}""");

        Run run = Run.of(server, "evaluate", "mdl_1", "ds_1", "--generated-answers", "2");

        assertThat(run.err()).isEmpty();
        assertThat(Json.MAPPER.readTree(server.only("POST /api/v1/evaluations").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"model": "mdl_1", "dataset": "ds_1", "generated_answers": 2}"""));
        assertThat(run.out())
                .contains("2 generated answers   exact match 50.0%", "1 of these answers end")
                .doesNotContain("base model");
    }

    @Test
    void aFileOfTermsThatCannotBeReadIsRefused() throws Exception {
        Path broken = Files.writeString(folder.resolve("terms.json"), "{");

        assertThat(Run.of(server, "evaluate", "mdl_1", "ds_1", "--terms", broken.toString())
                        .err())
                .contains("terms.json is not valid JSON");
        assertThat(Run.of(server, "evaluate", "mdl_1", "ds_1", "--terms", "none.json")
                        .err())
                .contains("there is no readable file", "none.json");
    }

    @Test
    void aFileThatIsNoDatasetYetIsToBeUploadedFirst() {
        assertThat(Run.of(server, "evaluate", "mdl_1", "pom.xml").err())
                .contains("pom.xml is a file and no dataset yet. Upload it first: anneal upload pom.xml");
    }

    @Test
    void aFileThatIsRejectedLeavesNoDataset() throws Exception {
        Path file = Files.writeString(folder.resolve("new.csv"), "text\n\"\"\n");
        server.on("POST /datasets", 202, Bodies.VALIDATING.replace("validating", "rejected"));
        server.on("GET /datasets/ds_1/problems", 200, """
                {"data": [{"line": 2, "column": "text", "severity": "error", "code": "empty_text",
                           "message": "The row has no text."}], "has_more": false}""");

        Run run = Run.of(
                server,
                "predict",
                "mdl_1",
                file.toString(),
                "-o",
                folder.resolve("out.csv").toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("line 2, column text: The row has no text.")
                .doesNotContain("datasets problems");
        server.only("DELETE /api/v1/datasets/ds_1");
    }

    @Test
    void aRefusedFileNamesTheOptionsOfThisCommandAndTheCommandThatHasTheOthers() throws Exception {
        Path file = Files.writeString(folder.resolve("new.csv"), "review\nfine\n");
        server.on("POST /datasets", 422, """
                {"status": 422, "code": "missing_column",
                 "detail": "No column has the role 'text'. Name the column in 'columns', as in {\\"text\\": \\"…\\"}.\
                 Columns found: review. If the first line is not a header, set 'header' to false."}""");

        Run run = Run.of(
                server,
                "predict",
                "mdl_1",
                file.toString(),
                "-o",
                folder.resolve("out.csv").toString());

        assertThat(run.err())
                .contains(
                        "Name the column in --text-column, as in --text-column ….",
                        "predict does not have --no-header. To use that, upload the file as a dataset",
                        "--task masked-lm")
                .doesNotContain("--columns");

        Run again =
                Run.of(server, "predict", "mdl_1", file.toString(), "--text-column", "a b", "-o", "out.csv", "--force");
        assertThat(again.err())
                .contains(
                        "--task masked-lm --columns 'text=a b'\n",
                        "Then predict for the dataset: anneal predict mdl_1 DATASET --output out.csv --force\n");
    }

    @Test
    void aFailedEvaluationSaysWhy() {
        script("evaluation", "eval_1", "failed");

        Run run = Run.of(server, "evaluate", "mdl_1", "ds_1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("The evaluation failed", "Out of memory.");
    }

    @Test
    void aFileIsPredictedAndItsDatasetAndThePredictionDeleted() throws Exception {
        Path file = Files.writeString(folder.resolve("new.csv"), "answer\nfine\n");
        Path out = folder.resolve("out.csv");

        Run run = Run.of(server, "predict", "mdl_1", file.toString(), "--text-column", "answer", "-o", out.toString());

        assertThat(run.err()).isEmpty();
        assertThat(out).hasContent("rows");
        assertThat(server.only("POST /api/v1/datasets").body())
                .contains("masked-lm", "{\"text\":\"answer\"}", "{\"validation\":0,\"test\":0}");
        assertThat(Json.MAPPER.readTree(server.only("POST /api/v1/predictions").body()))
                .isEqualTo(Json.MAPPER.readTree("{\"model\": \"mdl_1\", \"dataset\": \"ds_1\"}"));
        assertThat(server.only("GET /api/v1/predictions/pred_1/download").path())
                .endsWith("?format=csv");
        server.only("DELETE /api/v1/datasets/ds_1");
        server.only("DELETE /api/v1/predictions/pred_1");
    }

    @Test
    void aDatasetIsPredictedAndStays() {
        Path out = folder.resolve("out.jsonl");

        Run run = Run.of(server, "predict", "mdl_1", "ds_1", "-o", out.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(out).hasContent("rows");
        assertThat(server.only("GET /api/v1/predictions/pred_1/download").path())
                .endsWith("?format=jsonl");
        assertThat(server.requests).noneMatch(request -> request.method().equals("DELETE"));
    }

    @Test
    void evaluationsAreListedCancelledDeletedAndWrittenByTheirIds() {
        server.on("GET /evaluations", 200, """
                {"data": [{"id": "eval_1", "model": "mdl_1", "dataset": "ds_1", "split": "test", "status": "succeeded",
                           "metrics": {"loss": 0.2, "accuracy": 0.935, "examples": 200},
                           "created_at": "2026-11-24T14:35:05Z"}], "has_more": false}""");
        server.on("POST /predictions/pred_1/cancel", 200, "{\"id\": \"pred_1\"}");
        server.on("DELETE /evaluations/eval_1", 204, "");
        server.file("GET /evaluations/eval_1/predictions.csv", "wrong");
        Path out = folder.resolve("wrong.csv");

        assertThat(Run.of(server, "evaluations").out()).contains("eval_1", "ds_1", "93.5%");
        assertThat(Run.of(server, "evaluations", "cancel", "pred_1").out()).isEqualTo("Cancelled pred_1.\n");
        assertThat(Run.of(server, "evaluations", "delete", "eval_1").out()).isEqualTo("Deleted eval_1.\n");
        assertThat(Run.of(server, "evaluations", "rows", "eval_1", "--outcome", "wrong", "-o", out.toString())
                        .err())
                .isEmpty();
        assertThat(out).hasContent("wrong");
        assertThat(server.only("GET /api/v1/evaluations/eval_1/predictions.csv").path())
                .endsWith("?outcome=wrong");
        assertThat(Run.of(server, "evaluations", "delete", "job_1").err()).contains("'job_1' is not an id of");
    }

    @Test
    void whatCannotBeWrittenIsRefusedBeforeAnythingIsUploaded() throws Exception {
        Path file = Files.writeString(folder.resolve("new.csv"), "text\nfine\n");
        Path out = Files.writeString(folder.resolve("out.csv"), "old");

        assertThat(Run.of(server, "predict", "mdl_1", file.toString(), "-o", out.toString())
                        .err())
                .contains("exists. Give another name with --output");
        assertThat(Run.of(server, "predict", "mdl_1", "a", "b", "-o", "q.csv").exitCode())
                .isEqualTo(2);
        assertThat(Run.of(server, "predict", "mdl_1", "a", "--text-column", "c").exitCode())
                .isEqualTo(2);
        assertThat(server.requests).noneMatch(request -> request.method().equals("POST"));
    }
}
