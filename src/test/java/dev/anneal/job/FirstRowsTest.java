package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Cases;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

/** Jobs with rows that the trainer would refuse, which the server refuses at once. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class FirstRowsTest {
    private static final String GOOD = """
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"split":"train"}
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"split":"train"}
            """;
    /** A row that the template refuses: the first message is not the user's. */
    private static final String REFUSED = """
            {"messages":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}
            """;

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @AfterEach
    void removeTheLimit() {
        jdbc.sql("update projects set max_queued_jobs = null").update();
    }

    @Test
    void conversationsThatTheChatTemplateRefusesAreRefusedWithItsWords() throws IOException {
        String base = alternate();
        String dataset = upload(Files.readString(Cases.of("chat-system.jsonl")));

        Answer refused = submit(base, "\"dataset\":\"" + dataset + "\"");

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("row_does_not_fit");
        assertThat(refused.json().path("errors").get(0).path("field").asString())
                .isEqualTo("dataset");
        assertThat(refused.detail())
                .contains("Row 1 of the dataset '" + dataset + "' (split train)", base)
                .contains("The chat template refuses the messages: Conversation roles must alternate")
                .doesNotContain("Exception");

        String good = upload(GOOD);
        assertThat(submit(base, "\"dataset\":\"" + good + "\"").status()).isEqualTo(201);
        Answer validation = submit(base, "\"dataset\":\"" + good + "\",\"validation_dataset\":\"" + dataset + "\"");
        assertThat(validation.json().path("errors").get(0).path("field").asString())
                .as("%s", validation.json())
                .isEqualTo("validation_dataset");
    }

    @Test
    void conversationsWhoseAnswersAreNotInTheTextOfTheTemplateAreRefused() throws IOException {
        Path zip = Files.createTempDirectory("first-rows").resolve("model.zip");
        Files.copy(Cases.of("38-llama-emptythink.zip"), zip);
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
        String dataset = upload(Files.readString(Cases.of("mt.jsonl")));
        startHost("cases/cut");

        Answer refused = submit("cases/cut", "\"dataset\":\"" + dataset + "\"");

        assertThat(refused.code()).as("%s", refused.json()).isEqualTo("row_does_not_fit");
        assertThat(refused.detail()).contains("The answer of message 2 is not found", "Give the message the weight 0");
    }

    @Test
    void aRepeatedRequestReturnsItsJobAndChecksNoRows() throws IOException {
        String base = alternate();
        String dataset = upload(GOOD);
        String body = "{\"base_model\":\"" + base + "\",\"dataset\":\"" + dataset + "\"}";
        Answer first = api.post("/api/v1/jobs", body, "Idempotency-Key", "rows");
        jdbc.sql("update dataset_rows set content = ?::jsonb where dataset_id = ?")
                .params(REFUSED, dataset)
                .update();

        Answer second = api.post("/api/v1/jobs", body, "Idempotency-Key", "rows");

        assertThat(second.status()).as("%s", second.json()).isEqualTo(201);
        assertThat(second.text("id")).isEqualTo(first.text("id"));
        assertThat(api.post("/api/v1/jobs", body).code()).isEqualTo("row_does_not_fit");
    }

    @Test
    void rowsAreCheckedOnlyIfAJobMayBeQueued() throws IOException {
        String base = alternate();
        String dataset = upload(REFUSED + REFUSED);
        jdbc.sql("update projects set max_queued_jobs = 0").update();

        assertThat(submit(base, "\"dataset\":\"" + dataset + "\"").code()).isEqualTo("too_many_queued_jobs");
    }

    /** The server reads few rows, however long they are. */
    @Test
    void noRowsAreCheckedInPlaceOfFirstRowsThatAreTooLong() throws IOException {
        String base = alternate();
        String tooLong =
                GOOD.lines().findFirst().orElseThrow().replace("\"q\"", "\"" + "q".repeat(20_000) + "\"") + "\n";
        String refused = REFUSED.replace("}]}", "}],\"split\":\"train\"}");

        String dataset = upload(tooLong.repeat(20) + refused);

        Answer created = submit(base, "\"dataset\":\"" + dataset + "\"");
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
    }

    /** 30 of the 60 training rows have 160 tokens or more, of which 32 are trained on. */
    @Test
    void theEstimateCountsTheTokensThatAreLeftOfRowsBeyondMaxLength() throws IOException {
        String base = "cases/emptythink";
        Answer model = api.uploadTo(
                "/api/v1/models",
                "emptythink.zip",
                Files.readAllBytes(Cases.of("38-llama-emptythink.zip")),
                Map.of("name", base));
        assertThat(model.status()).as("%s", model.json()).isEqualTo(201);
        String dataset = upload(Files.readString(Cases.of("completion-beyond-max-length.jsonl")));

        Answer estimate = api.post(
                "/api/v1/jobs/estimate",
                "{\"base_model\":\"" + base + "\",\"dataset\":\"" + dataset
                        + "\",\"hyperparameters\":{\"max_length\":32,\"epochs\":1,\"batch_size\":1}}");

        assertThat(estimate.status()).as("%s", estimate.json()).isEqualTo(200);
        assertThat(estimate.json().path("train_examples").asInt()).isBetween(30, 45);
        assertThat(estimate.json().path("steps").asInt())
                .isEqualTo(estimate.json().path("train_examples").asInt());
    }

    /** Returns a base model whose template wants alternate roles. */
    private String alternate() throws IOException {
        String base = "cases/alternate";
        byte[] zip = Files.readAllBytes(Cases.of("30-llama-alternate.zip"));
        Answer model = api.uploadTo("/api/v1/models", "alternate.zip", zip, Map.of("name", base));
        assertThat(model.status()).as("%s", model.json()).isIn(201, 409);
        startHost(base);
        return base;
    }

    /** A job does not wait long for a host that has not started. */
    private void startHost(String base) {
        Answer estimate = api.post(
                "/api/v1/jobs/estimate",
                "{\"base_model\":\"" + base + "\",\"dataset\":\"" + upload(GOOD)
                        + "\",\"task_options\":{\"packing\":true}}");
        assertThat(estimate.status()).as("%s", estimate.json()).isEqualTo(200);
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
