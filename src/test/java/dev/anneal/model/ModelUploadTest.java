package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.Cases;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockMultipartFile;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.multipart.MultipartFile;
import tools.jackson.databind.JsonNode;

/** Zips that are uploaded: what becomes of them, and what stays where they are refused. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.import.max-upload-bytes=6MB"})
class ModelUploadTest {
    @Autowired
    Api api;

    @Autowired
    DataDirectory data;

    @Autowired
    ModelUpload uploads;

    @Autowired
    JdbcClient jdbc;

    @Test
    void aZipBecomesABaseModelThatJobsNameAndThatCanBeDeleted() throws IOException {
        Path tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("tiny"));
        Answer created = upload("tiny.zip", Zips.of(tiny, "tiny/").bytes(), Map.of("name", "acme/tiny"));

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("status")).isEqualTo("ready");
        assertThat(created.text("name")).isEqualTo("acme/tiny");
        assertThat(created.text("source")).isEqualTo("upload:tiny.zip");
        String path = created.headers().firstValue("Location").orElseThrow();
        assertThat(upload("other.zip", new byte[9], Map.of("name", "acme/tiny")).code())
                .isEqualTo("name_taken");
        String dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
        Answer job = api.post("/api/v1/jobs", Json.write(Map.of("base_model", "acme/tiny", "dataset", dataset)));
        assertThat(job.status()).as("%s", job.json()).isEqualTo(201);
        assertThat(api.delete(path).code()).isEqualTo("model_in_use");
        api.post("/api/v1/jobs/" + job.text("id") + "/cancel");
        assertThat(api.get(path + "/events").json().get("data")).isEmpty();
        api.stream(path + "/events", null, lines -> assertThat(lines).isEmpty());
        assertThat(api.delete(path).status()).isEqualTo(204);
    }

    /** The name as it comes from a hub. */
    @Test
    void aNameWithASlashIsOneSegmentOfAPath() throws IOException {
        byte[] zip = Zips.of(Path.of("src/test/resources/models/llama"), "").bytes();
        String id = upload("llama.zip", zip, Map.of("name", "acme/llama")).text("id");
        String path = "/api/v1/models/acme%2Fllama";

        assertThat(api.get(path).text("id")).as("%s", api.get(path).json()).isEqualTo(id);
        Answer answer = api.post(path + "/generate", "{\"prompt\":\"The river\",\"max_new_tokens\":2}");
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        assertThat(answer.text("model")).isEqualTo(id);
        assertThat(api.post(path + "/predict", "{\"inputs\":[\"x\"]}").code()).isEqualTo("no_head");
        assertThat(api.get(path + "/download").status()).isEqualTo(200);
        assertThat(api.get("/api/v1/models/acme%2Fother").status()).isEqualTo(404);
        assertThat(api.delete(path).status()).isEqualTo(204);
    }

    @Test
    void aModelThatTransformersWroteIsNamedByItsFile() throws IOException {
        Answer created = upload(
                "tiny-bert.zip",
                Zips.of(Path.of("src/test/resources/models/bert"), "").bytes(),
                Map.of());

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("name")).isEqualTo("tiny-bert");
        assertThat(created.text("architecture")).isEqualTo("bert");
    }

    /** Published models often have no tokenizer_config.json, and a config.json without what transformers adds to it. */
    @Test
    void aModelOfThreeFilesIsAccepted() throws IOException {
        Path tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("tiny"));
        Zips zip = new Zips()
                .with("config.json", """
                        {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 16, "num_hidden_layers": 1,
                         "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 30522,
                         "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu",
                         "position_embedding_type": "absolute", "layer_norm_eps": 1e-12}""")
                .with("model.safetensors", Files.readAllBytes(tiny.resolve("model.safetensors")), 0)
                .with("tokenizer.json", Files.readAllBytes(tiny.resolve("tokenizer.json")), 0);
        Answer created = upload("three.zip", zip.bytes(), Map.of());

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("name")).isEqualTo("three");
        assertThat(created.text("architecture")).isEqualTo("bert");
    }

    @Test
    void theDirectoryOfATrainerIsAcceptedWithoutWhatAModelDoesNotNeed() throws IOException {
        Answer created = upload("trainer.zip", Files.readAllBytes(Cases.of("23-bert-trainer.zip")), Map.of());

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(api.get("/api/v1/models/trainer")
                        .json()
                        .get("files_left_out")
                        .valueStream()
                        .map(JsonNode::asString))
                .containsExactly(
                        "checkpoint-10/training_args.bin",
                        "checkpoint-10/optimizer.pt",
                        "checkpoint-10/trainer_state.json");
        assertThat(api.get("/api/v1/models/all-MiniLM-L6-v2").json().get("files_left_out"))
                .isEmpty();
    }

    @Test
    void aLongFileNameIsCutBetweenCharacters() throws IOException {
        byte[] zip = Zips.of(Path.of("src/test/resources/models/bert"), "").bytes();
        Answer created = upload("x".repeat(99) + "😀.zip", zip, Map.of("name", "long-file-name"));

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("source")).isEqualTo("upload:" + "x".repeat(80) + "…");
    }

    /** A model's name may be longer than what a message quotes. */
    @Test
    void aLongFileNameNamesTheModelInFull() throws IOException {
        byte[] zip = Zips.of(Path.of("src/test/resources/models/bert"), "").bytes();
        Answer created = upload("y".repeat(96) + ".zip", zip, Map.of());

        assertThat(created.text("name")).as("%s", created.json()).isEqualTo("y".repeat(96));
        assertThat(upload("y".repeat(96) + ".zip", zip, Map.of()).detail())
                .contains("' has the name '" + "y".repeat(80) + "…' already.");
    }

    @Test
    void aKeyMakesTheSameUploadAnswerTheSameModel() throws IOException {
        Path tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("tiny"));
        byte[] zip = Zips.of(tiny, "").bytes();
        String[] key = {"Idempotency-Key", "once"};
        String first = upload("twice.zip", zip, Map.of(), key).text("id");

        assertThat(upload("twice.zip", zip, Map.of(), key).text("id")).isEqualTo(first);
    }

    @Test
    void aRefusedUploadSaysWhyAndLeavesNoFiles() throws IOException {
        byte[] pickle = new Zips()
                .with("config.json", "{}")
                .with("pytorch_model.bin", "x")
                .bytes();
        Answer refused = upload("x.zip", pickle, Map.of());
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("no_safetensors");
        assertThat(refused.detail()).contains("pytorch_model.bin", "save_pretrained(folder, safe_serialization=True)");
        Answer invalid = upload(
                "x.zip",
                new Zips()
                        .with("config.json", "{\"model_type\":\"convnext\"}")
                        .with("tokenizer.json", "{}")
                        .with("model.safetensors", "x")
                        .bytes(),
                Map.of());
        assertThat(invalid.code()).isEqualTo("invalid_model");
        assertThat(upload("x.zip", new byte[7 << 20], Map.of()).code()).isEqualTo("upload_too_large");
        assertThat(upload("x y.zip", new byte[1], Map.of()).code()).isEqualTo("invalid_name");
        assertThat(upload("all-MiniLM-L6-v2.zip", new byte[1], Map.of()).code()).isEqualTo("name_taken");
        try (Stream<Path> work = Files.list(data.own())) {
            assertThat(work.filter(
                            directory -> directory.getFileName().toString().startsWith("upload")))
                    .isEmpty();
        }
        for (JsonNode model : api.get("/api/v1/models").json().get("data")) {
            assertThat(model.get("name").asString()).isNotIn("x", "x y");
        }
        assertThat(api.delete("/api/v1/models/all-MiniLM-L6-v2").code()).isEqualTo("base_model");
    }

    @Test
    void anUploadWhoseCheckIsKilledCanBeSentAgain() throws Exception {
        Path tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("tiny"));
        byte[] zip = Zips.of(tiny, "").bytes();
        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(
                () -> api.inAnOutage().uploadTo("/api/v1/models", "tiny.zip", zip, Map.of("name", "acme/killed")));
        CheckKills.killNext();

        assertThat(answer.get().status()).as("%s", answer.get().json()).isEqualTo(503);
        assertThat(answer.get().code()).isEqualTo("check_killed");
        assertThat(answer.get().detail())
                .isEqualTo("The check of the model was killed: the machine may be short of memory. Try again later.");
        assertThat(upload("tiny.zip", zip, Map.of("name", "acme/killed")).status())
                .isEqualTo(201);
    }

    @Test
    void onlyANameThatAnotherRequestHasUsedMeanwhileIsReportedAsTaken() throws IOException {
        Path tiny = TestModels.withSmallTokenizer(TestServer.newDirectory().resolve("tiny"));
        MultipartFile zip = new MockMultipartFile(
                "file", "raced.zip", null, Zips.of(tiny, "").bytes());
        List<String> before = importedFiles();

        assertThatThrownBy(() -> uploads.upload(
                        zip,
                        "raced",
                        null,
                        id -> jdbc.sql("update models set name = 'raced' where name = 'all-MiniLM-L6-v2'")
                                .update()))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("name_taken"));
        assertThatThrownBy(() -> uploads.upload(
                        zip,
                        "raced",
                        null,
                        id -> jdbc.sql("update models set project = 'none' where id = ?")
                                .param(id)
                                .update()))
                .isInstanceOf(DataIntegrityViolationException.class);

        assertThat(importedFiles()).isEqualTo(before);
        assertThat(api.get("/api/v1/models/raced").status()).isEqualTo(404);
    }

    private List<String> importedFiles() throws IOException {
        try (Stream<Path> models = Files.list(data.directory("artifacts/imports"))) {
            return models.map(Path::toString).sorted().toList();
        }
    }

    private Answer upload(String file, byte[] content, Map<String, String> fields, String... headers) {
        return api.uploadTo("/api/v1/models/upload", file, content, fields, headers);
    }
}
