package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListingTest {
    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void datasetsAreAnAlignedTable() {
        Run run = Run.of(server, "datasets", "--limit", "1");

        assertThat(server.requests.get(0).path()).isEqualTo("/api/v1/datasets?limit=1");
        assertThat(run.out().lines().limit(2).map(line -> line.replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d", "…")))
                .containsExactly(
                        "dataset  name         status  task                  rows  labels    size  created",
                        "ds_1     reviews.csv  ready   text-classification  2,000       2  261 kB  …");
        assertThat(run.out()).contains("There are more");
    }

    @Test
    void aNameOfOthersIsOneLineAndHasNoColours() {
        server.on("GET /datasets/ds_2", 200, "{\"id\":\"ds_2\",\"name\":\"a\\nids_3  \\u001b[31mred\\u009b\"}");

        assertThat(Run.of(server, "dataset", "ds_2").out())
                .contains("dataset      ds_2  a\\nids_3  \\u001b[31mred\\u009b\n")
                .doesNotContain("\033[31m");
    }

    @Test
    void jobsShowTheirBestEpochAndAccuracyAndCanBeFiltered() {
        Run run = Run.of(server, "jobs", "--status", "succeeded");

        assertThat(server.requests.get(0).path()).isEqualTo("/api/v1/jobs?limit=20&status=succeeded");
        assertThat(run.out()).contains("job_1", "all-MiniLM-L6-v2", "loss 0.251", "93.5%");
    }

    @Test
    void aDatasetIsShownWithItsColumnsAndSplits() {
        assertThat(Run.of(server, "dataset", "ds_1").out())
                .contains(
                        "dataset      ds_1  reviews.csv",
                        "columns      text=review,label=stars",
                        "rows         2,000: 1,600 to train, 200 to validate, 200 to test",
                        "labels       negative 1,000, positive 1,000");
    }

    @Test
    void aModelIsDownloadedUnderItsNameAndNeverOverAnotherFile(@TempDir Path folder) throws IOException {
        server.on(
                "GET /models/mdl_9/download",
                (exchange, request) -> ScriptedServer.respond(exchange, 200, "application/zip", "zip"));
        Path file = folder.resolve("model.zip");
        Run run = Run.of(server, "download", "m", "--output", file.toString());
        assertThat(run.err()).isEmpty();
        assertThat(file).hasContent("zip");
        assertThat(run.out()).isEqualTo("Wrote " + file + " (3 B).\n");

        assertThat(Run.of(server, "download", "m", "--output", file.toString()).err())
                .contains("exists. Give another name with --output, or --force to overwrite it.");
        assertThat(Run.of(server, "download", "m", "--force", "--output", folder.toString())
                        .err())
                .contains("is a folder. Give the name of a file with --output.");
        assertThat(Run.of(
                                server,
                                "download",
                                "m",
                                "--output",
                                folder.resolve("none/m.zip").toString())
                        .err())
                .contains("does not exist. Make it, or give another file with --output.");
        server.on("GET /models/mdl_9/download", 409, "{\"code\": \"model_not_ready\", \"detail\": \"Not ready.\"}");
        assertThat(Run.of(server, "download", "m", "--force", "--output", file.toString())
                        .err())
                .contains("Not ready.");
        assertThat(file).hasContent("zip");
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void aModelIsDeletedByItsName() {
        server.on("DELETE /models/mdl_9", 204, "");

        assertThat(Run.of(server, "models", "delete", "m").out()).isEqualTo("Deleted the model m (mdl_9).\n");
    }

    @Test
    void jobsAreDeletedByIdOrName() {
        server.on("DELETE /jobs/job_1", 204, "");

        assertThat(Run.of(server, "jobs", "delete", "reviews").out()).isEqualTo("Deleted the job reviews (job_1).\n");
        assertThat(Run.of(server, "jobs", "delete", "job_1").out()).isEqualTo("Deleted the job reviews (job_1).\n");
        assertThat(Run.of(server, "help", "jobs", "delete").out()).contains("JOB...", "Their models stay.");
    }

    @Test
    void aJobThatHasNotEndedIsNotDeleted() {
        server.on(
                "DELETE /jobs/job_1",
                409,
                "{\"code\": \"job_not_finished\", \"detail\": \"The job is running. Cancel it first, then delete it.\"}");

        Run run = Run.of(server, "jobs", "delete", "job_1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("anneal: The job is running. Cancel it first, then delete it.\n");
    }

    @Test
    void severalAreDeletedAtOnceButNoneIfANameIsUnknown() {
        server.on("GET /datasets/ds_2", 200, Bodies.DATASET.replace("ds_1", "ds_2"));
        server.on("DELETE /datasets/ds_1", 204, "");
        server.on("DELETE /datasets/ds_2", 204, "");

        Run unknown = Run.of(server, "datasets", "delete", "ds_1", "revews.csv");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("There is no dataset named revews.csv.", "Did you mean 'reviews.csv'?");
        assertThat(server.requests).noneMatch(request -> request.method().equals("DELETE"));

        assertThat(Run.of(server, "datasets", "delete", "ds_1", "ds_2").out())
                .isEqualTo("Deleted the dataset reviews.csv (ds_1).\nDeleted the dataset reviews.csv (ds_2).\n");
    }

    @Test
    void anEstimateIsShown() {
        server.on("POST /jobs/estimate", 200, """
                {"task": "text-classification", "train_rows": 1600, "train_examples": 1600, "validation_rows": 200, "test_rows": 150, "epochs": 1, "steps": 50,
                 "parameters": 22713986, "trained_parameters": 770, "memory_bytes": 700000000,
                 "memory_bytes_without_checkpointing": 900000000, "seconds": 75.2,
                 "task_options": {}, "method": {"type": "head"}, "hyperparameters": {"epochs": 1}}""");

        Run run = Run.of(server, "estimate", "ds_1", "--method", "head", "--epochs", "1");

        assertThat(run.out())
                .contains(
                        "task         text-classification, head",
                        "1,600 to train, 1,600 examples per epoch; 200 in each validation, 150 to test",
                        "steps        50 in 1 epoch\n",
                        "weights      22,713,986, of which 770 are trained",
                        "memory       700 MB, or 900 MB without gradient checkpointing\n",
                        "time         about 1 min 15 s");
        assertThat(server.only("POST").body())
                .contains("\"method\":{\"type\":\"head\"}", "\"base_model\":\"all-MiniLM-L6-v2\"");
    }

    @Test
    void aReportIsShown() {
        assertThat(Run.of(server, "report", "job_1").out()).contains("Test accuracy 93.5%", "worst mistakes");
    }

    @Test
    void aReportIsWrittenAsAPage(@TempDir Path folder) throws Exception {
        for (String path : List.of("/jobs/job_1", "/evaluations/eval_1")) {
            server.on(
                    "GET " + path + "/report.html",
                    (exchange, request) ->
                            ScriptedServer.respond(exchange, 200, "text/html;charset=UTF-8", "<p>" + path));
        }
        Path page = folder.resolve("report.html");

        assertThat(Run.of(server, "report", "job_1", "--html", "-o", page.toString())
                        .out())
                .contains("Wrote", "report.html");
        assertThat(page).hasContent("<p>/jobs/job_1");
        assertThat(Run.of(server, "report", "eval_1", "--html", "-o", page.toString(), "--force")
                        .err())
                .isEmpty();
        assertThat(page).hasContent("<p>/evaluations/eval_1");
        assertThat(Run.of(server, "report", "job_1", "-o", page.toString()).err())
                .contains("Give --html, too.");
        assertThat(Run.of(server, "report", "job_1", "--html", "--json").err()).contains("either --html or --json");
    }

    @Test
    void aReportAdvisesNoTemperatureThatRaisesTheError() {
        server.on("GET /jobs/job_2/report", 200, """
                {"split": "test", "examples": 20, "loss": 0.2, "accuracy": 0.9, "worst_mistakes": [],
                 "calibration": {"temperature": 0.71, "served": false,
                     "uncalibrated": {"ece": 0.119}, "calibrated": {"ece": 0.147}}}""");

        assertThat(Run.of(server, "report", "job_2").out())
                .contains(
                        "calibration error 0.119, with the temperature 0.71 it is 0.147 (it does not lower the error)")
                .doesNotContain("calibrate=true");
    }

    @Test
    void aReportSaysHowSureItsFiguresAreAndWhatToDo() {
        server.on("GET /jobs/job_1/report", 200, """
                {"split": "test", "examples": 200, "loss": 0.2112, "accuracy": 0.935, "f1_macro": 0.9349,
                 "intervals": {"accuracy": {"low": 0.89, "high": 0.96}, "f1_macro": null},
                 "ranking": {"roc_auc": 0.97123, "average_precision": 0.965, "labels": []},
                 "calibration": {"temperature": 1.847, "served": false,
                                 "uncalibrated": {"ece": 0.0812, "brier": 0.06, "log_loss": 0.21, "bins": []},
                                 "calibrated": {"ece": 0.0211, "brier": 0.05, "log_loss": 0.18, "bins": []}},
                 "answers": {"model": {"answers": 20, "cut": 3, "exact_match": 0.45, "rouge_l": 0.61234, "chrf": 55.25},
                             "base_model": {"answers": 20, "cut": 0, "exact_match": 0, "rouge_l": null, "chrf": 8.5}, "samples": []},
                 "cross_validation": {"folds": 3, "examples": 800, "metrics": {
                     "accuracy": {"mean": 0.91234, "deviation": 0.0121, "values": [0.9, 0.925, 0.912]}}},
                 "data_curve": {"split": "test", "metric": "accuracy", "verdict": "more_rows_help",
                     "message": "More rows would probably help.", "points": [
                         {"fraction": 0.1, "rows": 80, "metrics": {"accuracy": 0.71}},
                         {"fraction": 1, "rows": 1600, "metrics": {"accuracy": 0.935}}]},
                 "labels": [{"label": "negative", "precision": null, "recall": 0.0, "f1": 0.0, "support": 100}],
                 "learning_curve": {"verdict": "converged", "message": "The validation loss stays near its lowest value."},
                 "dataset_warnings": [{"dataset": "ds_2", "code": "shared_with_training", "count": 1200}],
                 "worst_mistakes": []}""");

        assertThat(Run.of(server, "report", "job_1").out())
                .contains(
                        "1,200 rows of the dataset ds_2 have the text of a training row",
                        "95 % intervals   accuracy 0.890 to 0.960\n",
                        "ROC-AUC 0.971   average precision 0.965",
                        "calibration error 0.081, with the temperature 1.85 it is 0.021 (to train the model with it: "
                                + "--task-options calibrate=true)",
                        "20 generated answers   exact match 45.0%   ROUGE-L 0.612   chrF 55.3\n",
                        "those of the base model   exact match 0.0%   ROUGE-L –   chrF 8.5\n",
                        "3 of these answers, and 0 of those of the base model, end because they may not be longer\n",
                        "The validation loss stays near its lowest value.\n",
                        "3 folds    mean  deviation  lowest  highest\n",
                        "accuracy  0.912      0.012   0.900    0.925\n",
                        "training rows   rows  accuracy\n",
                        "10 %              80     0.710\n",
                        "100 %          1,600     0.935\n",
                        "More rows would probably help.\n",
                        "negative          –   0.000  0.000       100");
    }

    @Test
    void baseModelsWithoutJobOrMetricsFillTheirColumnsWithDashes() {
        server.on("GET /models", 200, """
                {"data": [{"id": "all-MiniLM-L6-v2", "name": "all-MiniLM-L6-v2", "kind": "base", "architecture": "bert",
                  "task": null, "labels": [], "parameters": 22713216, "base_model": null, "job": null, "dataset": null,
                  "dataset_sha256": null, "hyperparameters": null, "metrics": null, "size_bytes": 90868376,
                  "sha256": "53aa", "created_at": "2026-11-24T14:35:05Z"}], "has_more": false}""");

        assertThat(Run.of(server, "models").out()).contains("bert          22,713,216  91 MB       –");
    }

    @Test
    void anUnhealthyModelIsShownWithTheReasonAndWhatToDo() {
        String model = """
                {"id": "mdl_1", "name": "m", "kind": "base", "status": "ready", "architecture": "bert", "labels": [],
                  "health": {"state": "unhealthy", "since": "2026-11-24T14:35:05Z", "until": "2026-11-24T14:44:00Z",
                    "reason": "The process ended 3 times.", "action": "Find the text."},
                  "created_at": "2026-11-24T14:35:05Z"}""";
        server.list("GET /models", model);
        server.on("GET /models/mdl_1", 200, model);

        assertThat(Run.of(server, "models").out()).contains("base  unhealthy");
        assertThat(Run.of(server, "model", "mdl_1").out())
                .contains("unhealthy since 2026-11-24", "The process ended 3 times.", "Find the text.");
    }

    @Test
    void workersShowTheirDevicesAndJobsAndCanBeDrained() {
        String worker = """
                {"id": "gpu-1-47-k3x9", "host": "gpu-1", "version": "1.0", "status": "draining", "slots": 2, "busy": 1,
                 "devices": [{"slot": "slot-0", "device": "cuda:0", "memory_bytes": null, "job": "job_1"},
                   {"slot": "slot-1", "device": "cuda:1", "memory_bytes": 80000000000, "job": null}],
                 "started_at": "2026-11-24T14:35:05Z", "last_seen_at": "2026-11-24T14:36:05Z"}""";
        server.list("GET /workers", worker);
        server.on("POST /workers/gpu-1-47-k3x9/drain", 200, worker);

        assertThat(Run.of(server, "workers").out()).contains("draining     1      2  cuda:0 cuda:1  job_1");
        assertThat(Run.of(server, "drain", "gpu-1-47-k3x9").out())
                .isEqualTo("The worker is draining and runs 1 job.\n");
    }

    @Test
    void anEmptyListSaysSo() {
        server.list("GET /jobs");

        assertThat(Run.of(server, "jobs").out()).isEqualTo("None.\n");
    }

    @Test
    void withJsonTheServersAnswerIsPrintedAsItIs() {
        assertThat(Json.MAPPER.readTree(Run.of(server, "job", "job_1", "--json").out()))
                .isEqualTo(Json.MAPPER.readTree(Bodies.job("succeeded")));
    }

    @Test
    void aJobIsShownWithWhatItTrainedAndHowGoodItBecame() {
        assertThat(Run.of(server, "job", "job_1").out())
                .contains(
                        "status       succeeded, attempt 1",
                        "model        mdl_1",
                        "Test accuracy 93.5%   macro F1 0.935");
    }

    @Test
    void cancellingPostsAndTellsTheNewStatus() {
        server.on("POST /jobs/job_1/cancel", 200, Bodies.job("cancelled"));

        assertThat(Run.of(server, "cancel", "job_1").out()).isEqualTo("The job is cancelled.\n");
    }

    @Test
    void cancellingCanKeepTheBestEpochAsAModel() {
        server.on(
                "POST /jobs/job_1/cancel",
                200,
                Bodies.job("cancelled").replace("\"model\": null", "\"model\": \"mdl_1\""));

        assertThat(Run.of(server, "cancel", "job_1", "--publish-best").out())
                .isEqualTo("The job is cancelled.\nModel mdl_1\n");
        assertThat(server.requests.get(0).path()).isEqualTo("/api/v1/jobs/job_1/cancel?publish=best");
    }

    @Test
    void pausingARunningJobTellsThatACheckpointComesFirst() {
        server.on(
                        "POST /jobs/job_1/pause",
                        200,
                        Bodies.job("running").replace("\"attempt\": 1", "\"attempt\": 1, \"pause_requested\": true"))
                .on("POST /jobs/job_1/resume", 200, Bodies.job("queued"));

        assertThat(Run.of(server, "pause", "job_1").out())
                .isEqualTo("The job will be paused once it has written a checkpoint.\n");
        assertThat(Run.of(server, "resume", "job_1").out()).isEqualTo("The job is queued.\n");
    }

    @Test
    void checkpointsAreListedAndPublished() {
        server.on("GET /jobs/job_1/checkpoints", 200, """
                        {"data": [{"step": 70, "epoch": 2, "reason": "interval", "attempt": 1, "size_bytes": 361000000,
                           "best": false, "has_model": false, "metric": null, "value": null,
                           "created_at": "2026-11-24T14:35:05Z"},
                          {"step": 50, "epoch": 1, "reason": "epoch", "attempt": 1, "size_bytes": 452000000,
                           "best": true, "has_model": true, "metric": "f1_macro", "value": 0.8312,
                           "created_at": "2026-11-24T14:34:05Z"}], "has_more": false}""")
                .on("POST /jobs/job_1/checkpoints/50/publish", 201, "{\"id\": \"mdl_2\"}");

        assertThat(Run.of(server, "checkpoints", "job_1").out())
                .contains("  70      2  interval        1  361 MB  –                    –")
                .contains("  50      1  epoch           1  452 MB  best   macro F1 0.8312");
        assertThat(Run.of(server, "checkpoints", "job_1", "--publish", "50").out())
                .isEqualTo("Model mdl_2\n");
    }
}
