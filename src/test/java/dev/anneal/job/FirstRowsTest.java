package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** Jobs with rows that the trainer would refuse, which the server refuses at once. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class FirstRowsTest {
    private static final Path CASES = Path.of("../shared/cases");

    @Autowired
    Api api;

    @Test
    void conversationsThatTheChatTemplateRefusesAreRefusedWithItsWords() throws IOException {
        assumeTrue(Files.exists(CASES), () -> "Skipped: the cases " + CASES + " are not here.");
        String base = "cases/alternate";
        Answer model = api.uploadTo(
                "/api/v1/models",
                "alternate.zip",
                Files.readAllBytes(CASES.resolve("30-llama-alternate.zip")),
                Map.of("name", base));
        assertThat(model.status()).as("%s", model.json()).isEqualTo(201);
        String dataset = upload(Files.readString(CASES.resolve("chat-system.jsonl")));

        Answer refused = submit(base, "\"dataset\":\"" + dataset + "\"");

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("row_does_not_fit");
        assertThat(refused.json().path("errors").get(0).path("field").asString())
                .isEqualTo("dataset");
        assertThat(refused.detail())
                .contains("Row 1 of the dataset '" + dataset + "' (split train)", base)
                .contains("The chat template refuses the messages: Conversation roles must alternate")
                .doesNotContain("Exception");

        String good = upload("""
                {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"split":"train"}
                {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"split":"train"}
                """);
        assertThat(submit(base, "\"dataset\":\"" + good + "\"").status()).isEqualTo(201);
        Answer validation = submit(base, "\"dataset\":\"" + good + "\",\"validation_dataset\":\"" + dataset + "\"");
        assertThat(validation.json().path("errors").get(0).path("field").asString())
                .as("%s", validation.json())
                .isEqualTo("validation_dataset");
    }

    @Test
    void conversationsWhoseAnswersAreNotInTheTextOfTheTemplateAreRefused() throws IOException {
        assumeTrue(Files.exists(CASES), () -> "Skipped: the cases " + CASES + " are not here.");
        Path zip = Files.createTempDirectory("first-rows").resolve("model.zip");
        Files.copy(CASES.resolve("38-llama-emptythink.zip"), zip);
        try (FileSystem files = FileSystems.newFileSystem(zip);
                Stream<Path> all = Files.walk(files.getPath("/"))) {
            Path template = all.filter(file -> file.endsWith("chat_template.jinja"))
                    .findFirst()
                    .orElseThrow();
            Files.writeString(
                    template,
                    "{% for m in messages %}<|im_start|>{{ m.role }} "
                            + "{{ m.content if loop.last or m.role == 'user' else m.content[:2] }}<|im_end|>{% endfor %}");
        }
        Answer model = api.uploadTo("/api/v1/models", "cut.zip", Files.readAllBytes(zip), Map.of("name", "cases/cut"));
        assertThat(model.status()).as("%s", model.json()).isEqualTo(201);
        String dataset = upload(Files.readString(CASES.resolve("mt.jsonl")));

        Answer refused = submit("cases/cut", "\"dataset\":\"" + dataset + "\"");

        assertThat(refused.code()).as("%s", refused.json()).isEqualTo("row_does_not_fit");
        assertThat(refused.detail()).contains("The answer of message 2 is not found", "Give the message the weight 0");
    }

    /** 30 of the 60 training rows have 160 tokens or more, of which 32 are trained on. */
    @Test
    void theEstimateCountsTheTokensThatAreLeftOfRowsBeyondMaxLength() throws IOException {
        assumeTrue(Files.exists(CASES), () -> "Skipped: the cases " + CASES + " are not here.");
        String base = "cases/emptythink";
        Answer model = api.uploadTo(
                "/api/v1/models",
                "emptythink.zip",
                Files.readAllBytes(CASES.resolve("38-llama-emptythink.zip")),
                Map.of("name", base));
        assertThat(model.status()).as("%s", model.json()).isEqualTo(201);
        String dataset = upload(Files.readString(CASES.resolve("completion-beyond-max-length.jsonl")));

        Answer estimate = api.post(
                "/api/v1/jobs/estimate",
                "{\"base_model\":\"" + base + "\",\"dataset\":\"" + dataset
                        + "\",\"hyperparameters\":{\"max_length\":32,\"epochs\":1,\"batch_size\":1}}");

        assertThat(estimate.status()).as("%s", estimate.json()).isEqualTo(200);
        assertThat(estimate.json().path("train_examples").asInt()).isBetween(30, 45);
        assertThat(estimate.json().path("steps").asInt())
                .isEqualTo(estimate.json().path("train_examples").asInt());
    }

    private String upload(String rows) {
        Answer created = api.upload("chat.jsonl", rows.getBytes(StandardCharsets.UTF_8), Map.of());
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return created.text("id");
    }

    private Answer submit(String base, String fields) {
        return api.post("/api/v1/jobs", "{\"base_model\":" + Json.write(base) + "," + fields + "}");
    }
}
