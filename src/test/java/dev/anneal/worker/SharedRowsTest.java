package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

@ServerTest
class SharedRowsTest {
    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @Autowired
    DataDirectory data;

    @Autowired
    SharedRows rows;

    @Test
    void aSecondJobOnADatasetDoesNotTokenizeAndTheTokenizedRowsGoWithTheDataset() throws Exception {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 40; i++) {
            csv.append("wet and cold ").append(i).append(i % 2 == 0 ? ",a\n" : ",b\n");
        }
        String dataset = upload(csv);
        String other = upload(csv);

        assertThat(tokenized(train(dataset))).containsExactly(40, 0);
        assertThat(tokenized(train(dataset))).containsExactly(0, 40);
        assertThat(tokenized(train(other))).containsExactly(40, 0);
        assertThat(Files.list(files(dataset))).isNotEmpty();

        assertThat(api.delete("/api/v1/datasets/" + dataset).status()).isEqualTo(204);
        rows.sweep();

        assertThat(files(dataset)).doesNotExist();
        assertThat(Files.list(files(other))).isNotEmpty();
    }

    private String upload(CharSequence csv) throws IOException {
        Answer dataset = api.upload("rows.csv", csv.toString().getBytes(), Map.of("task", "text-classification"));
        assertThat(dataset.status()).as("%s", dataset.json()).isEqualTo(201);
        return dataset.text("id");
    }

    private Path files(String dataset) {
        return data.directory("cache/rows").resolve(dataset);
    }

    private JsonNode train(String dataset) {
        Answer submitted = api.post("/api/v1/jobs", """
                {"base_model":"%s","dataset":"%s","method":{"type":"head"},
                 "hyperparameters":{"epochs":1,"batch_size":8,"max_length":16}}""".formatted(models.tiny(), dataset));
        assertThat(submitted.status()).as("%s", submitted.json()).isEqualTo(201);
        JsonNode job = api.await(submitted.text("id"));
        assertThat(job.get("status").asString()).as("%s", job.get("error")).isEqualTo("succeeded");
        return job;
    }

    /** Returns how many rows of a job's splits were tokenized by it, and how many before. */
    private List<Integer> tokenized(JsonNode job) {
        JsonNode events = api.get("/api/v1/jobs/" + job.get("id").asString() + "/events?limit=500")
                .json()
                .get("data");
        JsonNode start = events.valueStream()
                .map(event -> event.path("data").path("data"))
                .filter(data -> data.has("rows_tokenized"))
                .findFirst()
                .orElseThrow();
        return List.of(
                start.path("rows_tokenized").asInt(),
                start.path("rows_tokenized_before").asInt());
    }
}
