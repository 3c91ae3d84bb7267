package dev.anneal.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.Metrics;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.transformer.architecture.Task;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Jobs of each task, each with a different method, from rows to a published model with the metrics of the task. */
@ServerTest
class TasksAndMethodsTest {
    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            MULTI_LABEL          | text-classification  | lora   | "text":"wet and cold %d","labels":["a","b"]
            TEXT_REGRESSION      | text-regression      | head   | "text":"wet and cold %d","score":%d
            TOKEN_CLASSIFICATION | token-classification | frozen | "tokens":["In","Rome","%d"],"tags":["O","B-LOC","O"]
            MASKED_LM            | masked-lm            | full   | "text":"wet and cold %d"
            """)
    void aJobOfEachTaskPublishesAModelWithItsMetrics(Task task, String name, String method, String row)
            throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            String split = i < 8 ? "train" : i < 10 ? "validation" : "test";
            rows.append("{\"split\":\"")
                    .append(split)
                    .append("\",")
                    .append(row.replace("%d", "" + i))
                    .append("}\n");
        }
        Answer dataset = api.upload("rows.jsonl", rows.toString().getBytes(), Map.of("task", name));
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);
        Answer submitted = api.post("/api/v1/jobs", """
                {"base_model":"%s","dataset":"%s","method":{"type":"%s"},"subset":{"rows":6},
                 "hyperparameters":{"epochs":1,"batch_size":4,"max_length":16}}""".formatted(models.tiny(), dataset.text("id"), method));
        assertThat(submitted.status()).as("%s", submitted.json()).isEqualTo(201);

        JsonNode job = api.await(submitted.text("id"));

        assertThat(job.get("status").asString()).as("%s", job.get("error")).isEqualTo("succeeded");
        assertThat(job.get("progress").get("steps").asInt()).isEqualTo(2);
        JsonNode model =
                api.get("/api/v1/models/" + job.get("model").asString()).json();
        JsonNode report =
                api.get("/api/v1/jobs/" + job.get("id").asString() + "/report").json();
        assertThat(report.get("task").asString()).isEqualTo(task.text());
        assertThat(report.get("intervals").isObject()).isEqualTo(task != Task.MASKED_LM);
        assertThat(report.get("learning_curve").get("verdict").asString())
                .as("the job has one epoch")
                .isEqualTo("unknown");
        Answer page = api.get("/api/v1/jobs/" + job.get("id").asString() + "/report.html");
        assertThat(new String(page.bytes(), UTF_8)).contains(">" + task.text() + "<", "</html>");
        assertThat(model.get("task").asString()).isEqualTo(name);
        Answer download = api.get("/api/v1/models/" + job.get("model").asString() + "/download");
        assertThat(entries(download.bytes()))
                .contains("config.json", "model.safetensors", "tokenizer.json", "README.md", "training.json");
        assertThat(entries(download.bytes()).contains("adapter/adapter_model.safetensors"))
                .isEqualTo(method.equals("lora"));
        for (String metric : Metrics.of(task).names()) {
            assertThat(job.get("test_metrics").has(metric)).as(metric).isTrue();
            assertThat(model.get("metrics").get(metric)).isEqualTo(report.get(metric));
        }
    }

    @Test
    void aFewShotJobLearnsPairsOfItsRowsAndPublishesAClassifier() throws IOException {
        StringBuilder rows = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 12; i++) {
            String split = i < 8 ? "train" : i < 10 ? "validation" : "test";
            rows.append(i % 2 == 0 ? "wet and cold " : "warm and dry ")
                    .append(i + "," + "ab".charAt(i % 2) + "," + split + "\n");
        }
        Answer dataset = api.upload("few.csv", rows.toString().getBytes(UTF_8), Map.of());
        String request = """
                {"base_model":"%s","dataset":"%s","method":{"type":"few_shot"},"hyperparameters":{"max_length":16}}""".formatted(models.tiny(), dataset.text("id"));
        JsonNode estimate = api.post("/api/v1/jobs/estimate", request).json();
        assertThat(estimate.get("train_rows").asInt()).isEqualTo(8);
        assertThat(estimate.get("train_examples").asInt()).isEqualTo(320);
        assertThat(estimate.get("steps").asInt()).isEqualTo(20);
        assertThat(estimate.get("hyperparameters").get("epochs").asInt()).isEqualTo(1);

        JsonNode job = api.await(api.post("/api/v1/jobs", request).text("id"));

        assertThat(job.get("status").asString()).as("%s", job.get("error")).isEqualTo("succeeded");
        assertThat(job.get("method").get("type").asString()).isEqualTo("few_shot");
        assertThat(job.get("progress").get("steps").asInt()).isEqualTo(20);
        Answer predicted = api.post(
                "/api/v1/models/" + job.get("model").asString() + "/predict", "{\"inputs\":[\"wet and cold\"]}");
        assertThat(predicted.status()).as("%s", predicted.json()).isEqualTo(200);
        Answer download = api.get("/api/v1/models/" + job.get("model").asString() + "/download");
        assertThat(entries(download.bytes())).contains("config.json", "model.safetensors", "README.md");
    }

    private static List<String> entries(byte[] bytes) throws IOException {
        List<String> names = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }
}
