package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainTest {
    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @TempDir
    Path folder;

    private Path reviews;

    @BeforeEach
    void write() throws IOException {
        reviews = Files.writeString(folder.resolve("a \"b\" é.csv"), "review,stars\nGut – schön,positive\n");
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aFileBecomesADatasetAJobAndAModel() {
        Run run = Run.of(server, "train", reviews.toString(), "--model", "all-MiniLM-L6-v2");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsSubsequence(
                        "Dataset ds_1   2,000 rows, 2 labels: 1,600 to train, 200 to validate, 200 to test",
                        "Job job_1   all-MiniLM-L6-v2, text-classification",
                        "epochs 1, batch size 32, learning rate 5e-5",
                        " 20%  epoch 1/1  step 10/50  loss 0.654  210 ex/s  6.1 s left",
                        "info: 12 texts were cut to 128 tokens",
                        "epoch  train loss  validation loss  accuracy  macro F1  examples/s",
                        "    1      0.4021           0.2514     91.0%     0.910         214         8.4 s",
                        "Test accuracy 93.5%   macro F1 0.935   loss 0.211   on 200 examples",
                        "label     precision  recall     F1  examples",
                        "negative      0.950   0.920  0.935       100",
                        "negative taken for positive (0.99)  Oh great, another sequel.",
                        "Model mdl_1   from epoch 1, best by validation loss");
        assertThat(run.out()).doesNotContain("\033", "\r");
    }

    @Test
    void theFileGoesUpAsMultipartWithItsColumnsAndSplit() {
        Run.of(
                server,
                "train",
                reviews.toString(),
                "--model",
                "m",
                "--columns",
                "text=review,label=stars",
                "--split",
                "{\"validation\": 0.2, \"seed\": 7}",
                "--detach");

        ScriptedServer.Request upload = server.only("POST /api/v1/datasets");
        String boundary = upload.headers().get("content-type").replace("multipart/form-data; boundary=", "--");
        assertThat(upload.body().split("(\r\n)?" + boundary + "(--)?(\r\n)?"))
                .containsExactly(
                        "",
                        part("columns", "{\"text\":\"review\",\"label\":\"stars\"}"),
                        part("split", "{\"validation\":0.2,\"seed\":7}"),
                        "Content-Disposition: form-data; name=\"file\"; filename=\"a %22b%22 é.csv\"\r\n"
                                + "Content-Type: application/octet-stream\r\n\r\nreview,stars\nGut – schön,positive\n");
        assertThat(upload.headers()).containsKey("content-length");
    }

    private static String part(String name, String value) {
        return "Content-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value;
    }

    @Test
    void hyperparametersKeepTheirTypes() {
        Run run = Run.of(
                server,
                "train",
                reviews.toString(),
                "--model",
                "m",
                "--name",
                "7",
                "--epochs",
                "3",
                "--learning-rate",
                "5e-5",
                "--dropout=auto",
                "--max-length",
                "128",
                "--precision",
                "fp32",
                "--early-stopping",
                "metric=f1_macro,patience=2",
                "--detach");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Follow it: anneal follow job_1").doesNotContain("accuracy");
        assertThat(Json.MAPPER.readTree(server.only("POST /api/v1/jobs").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"base_model": "m", "task": "text-classification", "name": "7", "dataset": "ds_1",
                         "hyperparameters": {"epochs": 3, "learning_rate": 5e-5, "dropout": "auto", "max_length": 128,
                                             "precision": "fp32"},
                         "early_stopping": {"metric": "f1_macro", "patience": 2}}"""));
    }

    @Test
    void methodOptionsAndSubsetAreObjectsInShort() {
        Run.of(
                server,
                "train",
                reviews.toString(),
                "--model",
                "m",
                "--method",
                "type=lora,r=16",
                "--task-options",
                "multi_label=false",
                "--subset",
                "fraction=0.1",
                "--class-weights",
                "rare=3,common=0.5",
                "--warmup-steps",
                "10",
                "--detach");

        assertThat(Json.MAPPER.readTree(server.only("POST /api/v1/jobs").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"base_model": "m", "task": "text-classification", "dataset": "ds_1",
                         "method": {"type": "lora", "r": 16}, "task_options": {"multi_label": false},
                         "subset": {"fraction": 0.1},
                         "hyperparameters": {"warmup_steps": 10, "class_weights": {"rare": 3, "common": 0.5}}}"""));
    }

    @Test
    void aMethodIsNamedByItsTypeAlone() {
        Run.of(server, "train", reviews.toString(), "--model", "m", "--method", "head", "--detach");

        assertThat(server.only("POST /api/v1/jobs").body()).contains("\"method\":{\"type\":\"head\"}");
    }

    @Test
    void epochsAndReportHaveTheFiguresOfTheTask() {
        server.on(
                "GET /jobs/job_1/events",
                (exchange, request) -> Bodies.stream(
                        exchange,
                        Bodies.event(1, "epoch", """
                        {"epoch": 1, "step": 50, "train_loss": 3.1, "validation_loss": 2.5, "learning_rate": 0,
                         "examples_per_second": 214.0, "seconds": 8.42, "perplexity": 12.1825}""")
                                + Bodies.event(2, "status", "{\"status\": \"succeeded\", \"attempt\": 1}")));
        server.on("GET /jobs/job_1/report", 200, """
                {"task": "causal-lm", "split": "test", "examples": 200, "tokens": 4000, "loss": 2.5,
                 "perplexity": 12.1825}""");

        assertThat(Run.of(server, "train", reviews.toString(), "--model", "m").out())
                .containsSubsequence(
                        "epoch  train loss  validation loss  perplexity  examples/s          time",
                        "    1      3.1000           2.5000      12.183         214         8.4 s",
                        "Test perplexity 12.183   loss 2.500   on 200 examples",
                        "Model mdl_1")
                .doesNotContain("precision", "worst mistakes");
    }

    @Test
    void aTestFileOfItsOwnLeavesTheTestShareToTraining() throws IOException {
        Path test = Files.writeString(folder.resolve("test.csv"), "text,label\nx,y\n");

        Run.of(server, "train", reviews.toString(), "--model", "m", "--test", test.toString(), "--detach");

        assertThat(server.requests.stream().map(ScriptedServer.Request::line))
                .containsExactly("POST /api/v1/datasets", "POST /api/v1/datasets", "POST /api/v1/jobs");
        assertThat(server.requests.get(0).body()).contains("{\"validation\":0.1,\"test\":0.0}");
        assertThat(server.requests.get(1).body()).contains(part("task", "text-classification"));
        assertThat(server.requests.get(2).body()).contains("\"test_dataset\":\"ds_1\"");
    }

    @Test
    void withJsonOnlyTheJobIsPrinted() {
        Run run = Run.of(server, "train", reviews.toString(), "--model", "m", "--json");

        assertThat(Json.MAPPER.readTree(run.out())).isEqualTo(Json.MAPPER.readTree(Bodies.job("succeeded")));
        assertThat(run.out().lines()).hasSize(1);
    }

    @Test
    void onATerminalABarIsRedrawnBelowTheRows() {
        Run run = Run.of(server.url(), "", true, "train", reviews.toString(), "--model", "m");

        assertThat(run.out())
                .containsSubsequence(
                        "\r\033[2K────────────────────────────  waiting for a worker",
                        "\r\033[2K━━━━━━──────────────────────   20%  epoch 1/1",
                        "\r\033[2Kinfo: 12 texts",
                        "\r\033[2K━━━━━━━━━━━━━━━━━━━━━━━━━━━━  100%",
                        "\r\033[2Kepoch  train loss",
                        "Test accuracy 93.5%");
    }

    @Test
    void aBigFileIsUploadedWithABarAndNotBeforeTheKeyWasTried() throws IOException {
        Files.write(reviews, new byte[3_000_000]);

        Run run = Run.of(server.url(), "", true, "train", reviews.toString(), "--model", "m", "--detach");

        assertThat(server.requests.get(0).line()).isEqualTo("GET /api/v1/datasets?limit=1");
        assertThat(run.out()).contains("uploading 33 kB of 3.0 MB", "━━  waiting while the server checks the rows");
    }

    @Test
    void aMissingFileIsToldBeforeAnythingIsSent() {
        Run run = Run.of(server, "train", "nowhere.csv", "--model", "m");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("anneal: There is no readable file nowhere.csv.\n");
        assertThat(server.requests).isEmpty();
    }
}
