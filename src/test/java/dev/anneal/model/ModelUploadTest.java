package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestServer;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Zips that are uploaded: what becomes of them, and what stays where they are refused. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.import.max-upload-bytes=6MB"})
class ModelUploadTest {
    private static final Path COLDFIRE = Path.of("../shared/models/bert_coldfire");

    @Autowired
    Api api;

    @Autowired
    DataDirectory data;

    @Test
    void aZipBecomesABaseModelThatJobsNameAndThatCanBeDeleted() throws IOException {
        Path tiny = TestModels.tiny(TestServer.newDirectory().resolve("tiny"));
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

    /** As it comes from a hub. */
    @Test
    void aNameWithASlashStandsInPathsAsOneSegment() throws IOException {
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
    void aModelThatTransformersWroteIsTakenUnderTheNameOfItsFile() throws IOException {
        Answer created = upload(
                "tiny-bert.zip",
                Zips.of(Path.of("src/test/resources/models/bert"), "").bytes(),
                Map.of());

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("name")).isEqualTo("tiny-bert");
        assertThat(created.text("architecture")).isEqualTo("bert");
    }

    @Test
    void aModelAsItIsPublishedIsTaken() throws IOException {
        assumeTrue(Files.isDirectory(COLDFIRE), COLDFIRE + " is not here");
        Answer created = upload("bert_coldfire.zip", Zips.of(COLDFIRE, "").bytes(), Map.of());

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.text("name")).isEqualTo("bert_coldfire");
        assertThat(created.text("architecture")).isEqualTo("bert");
    }

    @Test
    void aKeyMakesTheSameUploadAnswerTheSameModel() throws IOException {
        Path tiny = TestModels.tiny(TestServer.newDirectory().resolve("tiny"));
        byte[] zip = Zips.of(tiny, "").bytes();
        String[] key = {"Idempotency-Key", "once"};
        String first = upload("twice.zip", zip, Map.of(), key).text("id");

        assertThat(upload("twice.zip", zip, Map.of(), key).text("id")).isEqualTo(first);
    }

    @Test
    void whatIsRefusedSaysWhyAndLeavesNothing() throws IOException {
        Answer refused =
                upload("x.zip", new Zips().with("pytorch_model.bin", "x").bytes(), Map.of());
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("zip_pickle");
        assertThat(refused.detail()).contains("pytorch_model.bin", "safetensors");
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
        try (Stream<Path> work = Files.list(data.directory("work"))) {
            assertThat(work.filter(
                            directory -> directory.getFileName().toString().startsWith("upload")))
                    .isEmpty();
        }
        for (JsonNode model : api.get("/api/v1/models").json().get("data")) {
            assertThat(model.get("name").asString()).isNotIn("x", "x y");
        }
        assertThat(api.delete("/api/v1/models/all-MiniLM-L6-v2").code()).isEqualTo("base_model");
    }

    private Answer upload(String file, byte[] content, Map<String, String> fields, String... headers) {
        return api.uploadTo("/api/v1/models", file, content, fields, headers);
    }
}
