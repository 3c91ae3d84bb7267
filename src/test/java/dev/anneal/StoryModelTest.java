package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A real pretrained decoder, small enough for a test, goes the whole way: imported, asked, fine-tuned, asked again. */
@ServerTest
class StoryModelTest {
    private static final Path MODEL = Path.of("../shared/models/stories260K_hf");
    private static final Path DATA = Path.of("../shared/data");
    private static final String NAME = "stories";

    @Autowired
    Api api;

    @BeforeEach
    void importTheModel() throws IOException {
        assumeTrue(Files.isDirectory(MODEL), MODEL + " is not here");
        if (api.get("/api/v1/models?kind=base").json().toString().contains("\"" + NAME + "\"")) {
            return;
        }
        Answer imported = api.uploadTo("/api/v1/models", "stories.zip", zip(MODEL), Map.of("name", NAME));
        assertThat(imported.status()).as("%s", imported.json()).isEqualTo(201);
        assertThat(imported.text("task")).isEqualTo("causal-lm");
    }

    @Test
    void itTellsExactlyTheStoryOfTheReference() throws IOException {
        JsonNode golden = Json.MAPPER.readTree(Files.readString(MODEL.resolve("golden.json")));
        String model = modelId();
        int tokens =
                golden.path("greedy_ids").size() - golden.path("prompt_ids").size();

        Answer told = generate(
                model, Map.of("prompt", golden.path("prompt").asString(), "max_new_tokens", tokens, "temperature", 0));

        assertThat(told.status()).as("%s", told.json()).isEqualTo(200);
        Answer surest = generate(model, Map.of("prompt", "Once", "max_new_tokens", 3, "top_p", 0, "temperature", 1e-9));
        assertThat(surest.status()).as("%s", surest.json()).isEqualTo(200);
        String whole = golden.path("prompt").asString() + told.text("text");
        assertThat(whole.strip())
                .isEqualTo(golden.path("greedy_text").asString().strip());
    }

    @Test
    void itLearnsToSpeakLikeShakespeare() throws IOException {
        Path text = DATA.resolve("tinyshakespeare/tinyshakespeare.txt");
        assumeTrue(Files.exists(text), text + " is not here");
        Answer dataset = api.upload(
                "shakespeare.txt",
                Files.readAllBytes(text),
                Map.of("task", "causal-lm", "split", "{\"validation\": 0.1, \"test\": 0, \"order\": \"file\"}"));
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);

        JsonNode job = train(dataset.text("id"), Map.of("epochs", 1, "learning_rate", 2e-3, "max_length", 128));

        double before = lossBefore(job);
        double after = job.path("best").path("value").asDouble();
        assertThat(after).as("from %s", before).isLessThan(before * 2 / 3);
        Answer told = generate(
                job.path("model").asString(),
                Map.of("prompt", "KING RICHARD:", "max_new_tokens", 40, "temperature", 0.8, "seed", 1));
        assertThat(told.json().path("usage").path("completion_tokens").asInt()).isPositive();
    }

    @Test
    void itLearnsToAnswerAndPromptsCarryNoLoss() throws IOException {
        Path chats = DATA.resolve("instruct/chat.jsonl");
        assumeTrue(Files.exists(chats), chats + " is not here");
        Answer dataset = api.upload("chat.jsonl", Files.readAllBytes(chats), Map.of());
        assertThat(dataset.text("task")).isEqualTo("causal-lm");

        JsonNode job = train(dataset.text("id"), Map.of("epochs", 1, "learning_rate", 1e-3, "max_length", 256));

        assertThat(job.path("best").path("value").asDouble()).isLessThan(lossBefore(job));
        Answer answer = generate(
                job.path("model").asString(),
                Map.of(
                        "messages",
                        java.util.List.of(Map.of("role", "user", "content", "Convert 45 kilometers to meters.")),
                        "max_new_tokens",
                        30,
                        "temperature",
                        0));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        assertThat(answer.text("text")).doesNotContain("User:");
    }

    private JsonNode train(String dataset, Map<String, Object> hyperparameters) {
        Map<String, Object> body =
                new LinkedHashMap<>(Map.of("base_model", NAME, "dataset", dataset, "hyperparameters", hyperparameters));
        Answer created = api.post("/api/v1/jobs", Json.write(body));
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        JsonNode job = api.await(created.text("id"));
        assertThat(job.path("status").asString()).as("%s", job).isEqualTo("succeeded");
        return job;
    }

    /** The trainer says in an event how good the model was. */
    private double lossBefore(JsonNode job) {
        JsonNode events = api.get("/api/v1/jobs/" + job.path("id").asString() + "/events?limit=100")
                .json()
                .path("data");
        String said = events.toString();
        String marker = "before training: validation loss ";
        int at = said.indexOf(marker) + marker.length();
        assertThat(at).as(said).isGreaterThan(marker.length());
        return Double.parseDouble(said.substring(at, said.indexOf('"', at)));
    }

    private String modelId() {
        for (JsonNode model : api.get("/api/v1/models?kind=base").json().path("data")) {
            if (model.path("name").asString().equals(NAME)) {
                return model.path("id").asString();
            }
        }
        throw new AssertionError("the model was not imported");
    }

    private Answer generate(String model, Map<String, Object> body) {
        return api.post("/api/v1/models/" + model + "/generate", Json.write(body));
    }

    private static byte[] zip(Path directory) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes);
                Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                zip.putNextEntry(new ZipEntry(file.getFileName().toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
