package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A tiny Llama with random weights is imported, fine-tuned and asked. */
@ServerTest
class DecoderJourneyTest {
    private static final Path MODEL = Path.of("src/test/resources/models/llama");
    private static final String NAME = "tiny-llama";
    private static final double VOCABULARY = 152;

    @Autowired
    Api api;

    @BeforeEach
    void importTheModel() throws IOException {
        if (api.get("/api/v1/models?kind=base").json().toString().contains("\"" + NAME + "\"")) {
            return;
        }
        Answer imported = api.uploadTo("/api/v1/models", "llama.zip", zip(MODEL), Map.of("name", NAME));
        assertThat(imported.status()).as("%s", imported.json()).isEqualTo(201);
        assertThat(imported.text("task")).isEqualTo("causal-lm");
    }

    @Test
    void itLearnsToWriteFromPlainText() {
        Answer dataset = api.upload(
                "reviews.txt",
                String.join("\n\n", Reviews.texts(1000)).getBytes(),
                Map.of("task", "causal-lm", "split", "{\"validation\": 0.1, \"test\": 0, \"order\": \"file\"}"));
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);

        JsonNode job = train(dataset.text("id"), Map.of("epochs", 2, "learning_rate", 1e-2, "max_length", 64));

        assertThat(lossBefore(job))
                .as("random weights do no better than chance")
                .isGreaterThan(Math.log(VOCABULARY));
        assertThat(job.path("best").path("value").asDouble())
                .as("lower than without looking at the tokens before")
                .isLessThan(entropy(Reviews.texts(1000)));
        Map<String, Object> drawn = Map.of("prompt", "The film", "max_new_tokens", 20, "temperature", 0.8, "seed", 1);
        String text = generate(job, drawn).text("text");
        assertThat(text).isNotBlank();
        assertThat(generate(job, drawn).text("text")).isEqualTo(text);
    }

    /** The prompts cannot be predicted, so the loss can only come close to 0 if they carry none. */
    @Test
    void itLearnsToAnswerAndPromptsCarryNoLoss() {
        String chats = Reviews.texts(400).stream()
                .map(text -> text.substring(0, Math.min(20, text.length())))
                .map(question -> Json.write(Map.of("messages", List.of(user(question), assistant("Yes.")))))
                .collect(Collectors.joining("\n"));
        Answer dataset = api.upload("chat.jsonl", chats);
        assertThat(dataset.text("task")).isEqualTo("causal-lm");

        JsonNode job = train(dataset.text("id"), Map.of("epochs", 4, "learning_rate", 1e-2, "max_length", 64));

        assertThat(lossBefore(job)).isGreaterThan(1);
        assertThat(job.path("best").path("value").asDouble()).isLessThan(0.1);
        Answer answer = generate(
                job, Map.of("messages", List.of(user("Is it a good film?")), "max_new_tokens", 10, "temperature", 0));
        assertThat(answer.text("text")).isEqualTo("Yes.");
        assertThat(answer.text("finish_reason")).isEqualTo("stop");
    }

    /** The tiny model has learned the reviews; then it learns one sentence, with and without reviews among its rows. */
    @Test
    void theReportSaysWhatItForgotAndWhatReplayBoughtAndCost() {
        String reviews = api.upload(
                        "reviews.jsonl",
                        Reviews.texts(200).stream()
                                .map(text -> Json.write(Map.of("text", text)))
                                .collect(Collectors.joining("\n"))
                                .getBytes(),
                        Map.of("task", "causal-lm"))
                .text("id");
        String sentence = api.upload(
                        "sentence.jsonl",
                        IntStream.range(0, 60)
                                .mapToObj(i -> Json.write(Map.of("text", "the river runs to the shop " + i)))
                                .collect(Collectors.joining("\n"))
                                .getBytes(),
                        Map.of("task", "causal-lm"))
                .text("id");
        Map<String, Object> asked = Map.of("epochs", 4, "learning_rate", 1e-2, "max_length", 64);
        JsonNode plain = train(Map.of("dataset", sentence, "hyperparameters", asked, "retain_dataset", reviews));

        JsonNode replayed = train(Map.of(
                "dataset",
                sentence,
                "hyperparameters",
                asked,
                "retain_dataset",
                reviews,
                "replay",
                Map.of("dataset", reviews, "share", 0.5)));

        JsonNode before = forgetting(plain);
        JsonNode after = forgetting(replayed);
        assertThat(before.path("measure").asString()).isEqualTo("loss");
        assertThat(before.path("probe").path("texts").asInt()).isGreaterThanOrEqualTo(72);
        assertThat(before.path("without_remedies").isNull()).isTrue();
        assertThat(after.path("retained").path("after").asDouble())
                .isLessThan(before.path("retained").path("after").asDouble());
        assertThat(after.path("without_remedies").path("job").asString())
                .isEqualTo(plain.path("id").asString());
        assertThat(after.path("without_remedies").path("message").asString())
                .contains("Without the remedies, in the job");
    }

    private JsonNode forgetting(JsonNode job) {
        return api.get("/api/v1/jobs/" + job.path("id").asString() + "/report")
                .json()
                .path("forgetting");
    }

    private static Map<String, String> user(String content) {
        return Map.of("role", "user", "content", content);
    }

    private static Map<String, String> assistant(String content) {
        return Map.of("role", "assistant", "content", content);
    }

    private JsonNode train(String dataset, Map<String, Object> hyperparameters) {
        return train(Map.of("dataset", dataset, "hyperparameters", hyperparameters));
    }

    private JsonNode train(Map<String, Object> fields) {
        Map<String, Object> body = new HashMap<>(fields);
        body.put("base_model", NAME);
        Answer created = api.post("/api/v1/jobs", Json.write(body));
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        JsonNode job = api.await(created.text("id"));
        assertThat(job.path("status").asString()).as("%s", job).isEqualTo("succeeded");
        return job;
    }

    /** Returns the validation loss that the trainer logs before the first step. */
    private double lossBefore(JsonNode job) {
        JsonNode events = api.get("/api/v1/jobs/" + job.path("id").asString() + "/events?limit=100")
                .json()
                .path("data");
        String said = events.toString();
        String marker = "Validation loss before training: ";
        int at = said.indexOf(marker) + marker.length();
        assertThat(at).as(said).isGreaterThan(marker.length());
        return Double.parseDouble(said.substring(at, said.indexOf('"', at)));
    }

    /** Returns the loss of a model that knows how often each token occurs, and nothing else. */
    private static double entropy(List<String> texts) {
        try (Tokenizer tokenizer = Tokenizer.load(MODEL, 64)) {
            Map<Integer, Long> counts = texts.stream()
                    .flatMapToInt(text -> IntStream.of(tokenizer.encodeAll(text, false)))
                    .boxed()
                    .collect(Collectors.groupingBy(id -> id, Collectors.counting()));
            double total = counts.values().stream().mapToLong(count -> count).sum();
            return counts.values().stream()
                    .mapToDouble(count -> -count / total * Math.log(count / total))
                    .sum();
        }
    }

    private Answer generate(JsonNode job, Map<String, Object> body) {
        Answer answer = api.post("/api/v1/models/" + job.path("model").asString() + "/generate", Json.write(body));
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer;
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
