package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        Run run = Run.of(server, "train", reviews.toString());

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsSubsequence(
                        "Dataset reviews.csv   ds_1   2,000 rows, 2 labels: 1,600 to train, 200 to validate, 200 to test",
                        "Job reviews   job_1   all-MiniLM-L6-v2, text-classification",
                        "epochs 1, batch size 32, learning rate 5e-5",
                        " 20%  epoch 1/1  step 10/50  loss 0.654  210 ex/s  6.1 s left",
                        "info: 12 texts were cut to 128 tokens",
                        "epoch  train loss  validation loss  accuracy  macro F1  examples/s",
                        "    1      0.4021           0.2514     91.0%     0.910         214         8.4 s",
                        "Test accuracy 93.5%   macro F1 0.935   loss 0.211   on 200 examples",
                        "label     precision  recall     F1  examples",
                        "negative      0.950   0.920  0.935       100",
                        "negative predicted as positive (0.99)  Oh great, another sequel.",
                        "Model reviews   mdl_1   from epoch 1, the best by validation loss",
                        "Next: anneal predict mdl_1 'Your text'");
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
                "--gradient-checkpointing",
                "true",
                "--early-stopping",
                "metric=f1_macro,patience=2",
                "--detach");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Follow it: anneal follow reviews").doesNotContain("accuracy");
        assertThat(Json.MAPPER.readTree(server.only("POST /api/v1/jobs").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"base_model": "m", "task": "text-classification", "name": "7", "dataset": "ds_1",
                         "hyperparameters": {"epochs": 3, "learning_rate": 5e-5, "dropout": "auto", "max_length": 128,
                                             "precision": "fp32", "gradient_checkpointing": true},
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
                        "Model reviews   mdl_1")
                .doesNotContain("precision", "worst mistakes");
    }

    @Test
    void aValidationWithinAnEpochIsARowWithItsStep() {
        String within = """
                {"epoch": 1, "step": 20, "within_epoch": true, "train_loss": 3.1, "validation_loss": 2.5, "learning_rate": 0,
                 "examples_per_second": 214.0, "seconds": 4.2, "accuracy": 0.9}""";
        server.on(
                "GET /jobs/job_1/events",
                (exchange, request) -> Bodies.stream(
                        exchange,
                        Bodies.event(1, "validation", within)
                                + Bodies.event(2, "status", "{\"status\": \"succeeded\", \"attempt\": 1}")));
        server.on(
                "GET /jobs/job_1",
                200,
                Bodies.job("succeeded")
                        .replace("\"metrics\": []", "\"metrics\": [" + within + "]")
                        .replace("{\"epoch\": 1, \"metric\"", "{\"epoch\": 1, \"step\": 20, \"metric\""));

        assertThat(Run.of(server, "train", reviews.toString(), "--model", "m", "--eval-steps", "20")
                        .out())
                .containsSubsequence(
                        "    1      3.1000           2.5000     90.0%         214         4.2 s  at step 20",
                        "Model reviews   mdl_1   from step 20 in epoch 1, the best by validation loss");
        assertThat(server.only("POST /api/v1/jobs").body()).contains("\"eval_steps\":20");
    }

    @Test
    void aTestFileOfItsOwnLeavesTheTestShareToTraining() throws IOException {
        Path test = Files.writeString(folder.resolve("test.csv"), "text,label\nx,y\n");

        Run.of(server, "train", reviews.toString(), "--model", "m", "--test", test.toString(), "--detach");

        List<ScriptedServer.Request> posts = server.requests.stream()
                .filter(request -> request.method().equals("POST"))
                .toList();
        assertThat(posts.stream().map(ScriptedServer.Request::line))
                .containsExactly("POST /api/v1/datasets", "POST /api/v1/datasets", "POST /api/v1/jobs");
        assertThat(posts.get(0).body()).contains("{\"validation\":0.1,\"test\":0.0}");
        assertThat(posts.get(1).body()).contains(part("task", "text-classification"));
        assertThat(posts.get(2).body()).contains("\"test_dataset\":\"ds_1\"");
    }

    @Test
    void filesToReplayAndToRetainAreUploadedAndNamedInTheJob() throws IOException {
        Path more = Files.writeString(folder.resolve("more.csv"), "text,label\nx,y\n");

        Run.of(
                server,
                "train",
                reviews.toString(),
                "--model",
                "m",
                "--replay",
                more.toString(),
                "--replay-share",
                "0.25",
                "--retain",
                "ds_1",
                "--l2-to-base",
                "50",
                "--detach");

        List<ScriptedServer.Request> posts = server.requests.stream()
                .filter(request -> request.method().equals("POST"))
                .toList();
        assertThat(posts.stream().map(ScriptedServer.Request::line))
                .containsExactly("POST /api/v1/datasets", "POST /api/v1/datasets", "POST /api/v1/jobs");
        assertThat(posts.get(0).body()).as("rows are held out all the same").doesNotContain("\"test\":0.0");
        assertThat(posts.get(1).body()).contains("{\"validation\":0.0,\"test\":0.0}");
        assertThat(posts.get(2).body())
                .contains(
                        "\"replay\":{\"dataset\":\"ds_1\",\"share\":0.25}",
                        "\"retain_dataset\":\"ds_1\"",
                        "\"l2_to_base\":50");
    }

    @Test
    void theReportSaysWhatTheModelForgotInTheWordsOfTheCommandLine() {
        server.on("GET /jobs/job_1/report", 200, """
                {"task": "causal-lm", "split": "test", "examples": 200, "tokens": 4000, "loss": 2.5, "perplexity": 12.1825,
                 "forgetting": {"measure": "loss", "message": "The loss rose. Use l2_to_base or fewer epochs.", "probe": {},
                                "without_remedies": {"message": "It rose by 50 %."}}}""");

        assertThat(Run.of(server, "train", reviews.toString(), "--model", "m").out())
                .containsSubsequence("The loss rose. Use --l2-to-base or fewer epochs.", "It rose by 50 %.");
    }

    @Test
    void aShareWithoutRowsToReplayIsRefused() {
        assertThat(Run.of(server, "train", reviews.toString(), "--replay-share", "0.5")
                        .err())
                .contains("--replay-share needs --replay");
        assertThat(Run.of(server, "train", reviews.toString(), "--replay", "ds_1", "--replay-share", "2")
                        .err())
                .contains("--replay-share cannot be 2.0. Give a number from 0.01 to 0.9.");
        assertThat(server.requests).isEmpty();
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
                        "\r\033[2K" + "─".repeat(33) + "  waiting for a worker",
                        "\r\033[2K" + "━".repeat(7) + "─".repeat(26) + "   20%  epoch 1/1",
                        "\r\033[2Kinfo: 12 texts",
                        "\r\033[2K" + "━".repeat(33) + "  100%",
                        "\r\033[2Kepoch  train loss",
                        "Test accuracy 93.5%");
    }

    @Test
    void aBigFileIsUploadedWithABarAndNotBeforeTheKeyWasTried() throws IOException {
        Files.write(reviews, new byte[3_000_000]);

        Run run = Run.of(server.url(), "", true, "train", reviews.toString(), "--model", "m", "--detach");

        assertThat(server.requests.get(0).method()).isEqualTo("GET");
        assertThat(run.out()).contains("uploading 33 kB of 3.0 MB", "━━  the server checks the rows");
    }

    @Test
    void aWrongOptionIsRefusedBeforeAnythingIsSent() {
        for (String[] wrong : new String[][] {
            {"--epochs", "0", "--epochs cannot be 0. Give a whole number from 1 to 1000."},
            {"--task", "classification", "Choose one of text-classification"},
            {"--method", "type=lora,rank=8", "--method has no setting rank. Its settings are alpha, dropout"},
            {"--early-stopping", "patience=0", "--early-stopping patience cannot be 0."},
            {"--columns", "text", "--columns takes name=value pairs"},
            {"--split", "{\"validation\": 2}", "--split validation cannot be 2. Give a number from 0 to 1."},
            {"--precision", "fp16", "fp32, bf16. Did you mean 'fp32'?"},
            {"--test", "nowhere.csv", "nowhere.csv"}
        }) {
            Run run = Run.of(server, "train", reviews.toString(), wrong[0], wrong[1]);

            assertThat(run.exitCode()).as(run.err()).isPositive();
            assertThat(run.err()).contains(wrong[2]);
            assertThat(server.requests).noneMatch(request -> request.method().equals("POST"));
        }
    }

    @Test
    void aJobThatIsRefusedAfterTheUploadNamesTheDataset() {
        server.on("POST /jobs", 422, """
                {"status": 422, "code": "invalid_request", "detail": "x", "errors": [
                   {"field": "hyperparameters.l2_to_base", "code": "unused_field",
                    "message": "'hyperparameters.l2_to_base' has no use with the method head."}]}""");

        Run uploaded = Run.of(server, "train", reviews.toString(), "--model", "m", "--l2-to-base", "3");
        assertThat(uploaded.exitCode()).isEqualTo(2);
        assertThat(uploaded.err())
                .contains(
                        "--l2-to-base has no use with the method head.\nThe dataset is there: anneal train ds_1 --model m\n");
        assertThat(Run.of(server, "train", "ds_1", "--model", "m", "--l2-to-base", "3")
                        .err())
                .contains("--l2-to-base has no use")
                .doesNotContain("is there");
    }

    @Test
    void theCommandToTypeAfterARefusalHasTheOptionsTheServerAndTheDatasetsThatAreThere() throws IOException {
        Path test = Files.writeString(folder.resolve("test.csv"), "text,label\nx,y\n");
        server.on("POST /jobs", 409, "{\"status\": 409, \"code\": \"limit\", \"detail\": \"Too many jobs.\"}");

        Run run = Run.with(
                Map.of(),
                "",
                false,
                "train",
                reviews.toString(),
                "--model",
                "m",
                "--columns",
                "text=review,label=stars",
                "--test",
                test.toString(),
                "--early-stopping",
                "metric=loss,patience=2",
                "--name",
                "it's mine",
                "--detach",
                "--url",
                server.url(),
                "--key",
                ScriptedServer.KEY,
                "--project",
                "p");

        assertThat(run.err())
                .contains(
                        "Too many jobs.\nThe dataset is there: anneal train ds_1 ",
                        " --model m",
                        " --test ds_1",
                        " --early-stopping 'metric=loss,patience=2'",
                        " --name 'it'\\''s mine'",
                        " --detach",
                        " --url " + server.url() + " --key \"$ANNEAL_KEY\" --project p\n")
                .doesNotContain("--columns", test.toString(), ScriptedServer.KEY);
    }

    @Test
    void theCommandThatFollowsNamesTheServer() {
        Run run = Run.of(server, "train", reviews.toString(), "--model", "m", "--detach", "--project", "p");
        assertThat(run.out()).contains("Follow it: anneal follow reviews --project p\n");

        Run followed = Run.of(server, "follow", "job_1", "--project", "p");
        assertThat(followed.out()).contains("Next: anneal predict mdl_1 'Your text' --project p\n");
        assertThat(Run.of(server, "follow", "job_1").out()).contains("Next: anneal predict mdl_1 'Your text'\n");
    }

    @Test
    void anUnknownBaseModelIsRefusedBeforeTheUpload() {
        Run run = Run.of(server, "train", reviews.toString(), "--model", "M");

        assertThat(run.err()).contains("There is no model named M.", "Did you mean 'm'?");
        assertThat(server.requests).noneMatch(request -> request.method().equals("POST"));
    }

    @Test
    void aWordThatIsNeitherAFileNorADatasetIsRefused() {
        Run run = Run.of(server, "train", "nowhere.csv", "--model", "m");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("anneal: There is no file nowhere.csv, and no dataset of that name.\n");
    }

    @Test
    void aDatasetIsTrainedOnByItsIdOrNameWithoutAnUpload() {
        server.list("GET /datasets", Bodies.DATASET);
        for (String dataset : List.of("ds_1", "reviews.csv")) {
            server.requests.clear();
            Run run = Run.of(server, "train", dataset, "--detach");

            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(server.only("POST").body())
                    .contains("\"dataset\":\"ds_1\"")
                    .doesNotContain("\"name\"");
        }
        assertThat(Run.of(server, "train", "ds_1", "--split", "test=0").err())
                .contains("--split applies to files only");
    }

    @Test
    void aNameThatIsTakenIsRefusedInTheWordsOfTheCommandLine() {
        server.on("POST /datasets", 409, """
                {"status": 409, "code": "name_taken",
                 "detail": "The dataset 'ds_7' has the name 'fb' already. Choose another 'name', or delete that dataset."}""");
        Path file = folder.resolve("r.csv");
        write(file);

        assertThat(Run.of(server, "upload", file.toString(), "--name", "fb").err())
                .isEqualTo(
                        "anneal: The dataset 'ds_7' has the name 'fb' already. Choose another --name, or delete that dataset.\n");
    }

    @Test
    void aJobWhoseNameIsTakenIsRefusedBeforeItsFileIsUploaded() {
        server.on("GET /jobs/fb", 200, "{\"id\": \"job_7\", \"name\": \"fb\", \"status\": \"running\"}");

        assertThat(Run.of(server, "train", reviews.toString(), "--name", "fb").err())
                .isEqualTo(
                        "anneal: The job 'job_7' has the name 'fb' already. Choose another --name, or delete that job.\n");
        assertThat(server.requests).noneMatch(request -> request.method().equals("POST"));

        server.on("GET /jobs/fb", 200, "{\"id\": \"job_7\", \"name\": \"fb\", \"status\": \"failed\"}");
        assertThat(Run.of(server, "train", reviews.toString(), "--name", "fb").exitCode())
                .as("a job that failed leaves its name")
                .isZero();
    }

    @Test
    void aFolderIsNoFile() throws IOException {
        Path texts = Files.createDirectories(folder.resolve("texts"));

        for (List<String> command : List.of(List.of("upload"), List.of("train"), List.of("datasets", "check"))) {
            List<String> words = new ArrayList<>(command);
            words.add(texts.toString());
            assertThat(Run.of(server, words.toArray(String[]::new)).err())
                    .endsWith("texts is a folder. Upload a file, or a zip with a folder of texts for each label:"
                            + " zip -r texts.zip texts\n");
        }
        assertThat(Run.of(server, "import", texts.toString()).err())
                .contains("texts is a folder. Import a zip of its files: (cd ", " && zip -r - .) > model.zip");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void aLanguageModelTaskTakesTheOnlyFittingBaseModelOrListsThem() {
        String task = "\"task\": \"causal-lm\"";
        String one = Bodies.MODEL.replace("\"task\": null", task);
        server.on("POST /datasets", 201, Bodies.DATASET.replace("\"task\": \"text-classification\"", task));
        server.list("GET /models", one);
        Run.of(server, "train", reviews.toString(), "--detach");
        assertThat(server.only("POST /api/v1/jobs").body()).contains("\"base_model\":\"m\"");

        String two = one.replace("\"m\"", "\"n\"");
        server.list("GET /models", one, two);
        assertThat(Run.of(server, "train", reviews.toString()).err())
                .contains("Choose one with --model: m, n.", "anneal import hf:ORG/NAME", "anneal train ds_1 --model");

        server.list("GET /models", Bodies.MODEL);
        server.requests.clear();
        assertThat(Run.of(server, "train", reviews.toString(), "--task", "causal-lm")
                        .err())
                .contains("No base model here generates text", "anneal import hf:Qwen/Qwen2.5-0.5B");
        assertThat(server.requests).noneMatch(request -> request.method().equals("POST"));
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "text,label\nx,y\n");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
