package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** An unavailable artifact store: a file replaces its directory, because permissions do not stop root. */
@ServerTest
class StoreUnavailableTest {
    @Autowired
    Api api;

    @Autowired
    ReadyModels models;

    @Autowired
    DataDirectory data;

    @Autowired
    JobFiles files;

    @Autowired
    JdbcClient jdbc;

    private Path store;
    private Path aside;
    private String dataset;

    @BeforeEach
    void upload() {
        store = data.file("artifacts");
        aside = data.file("aside");
        dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
    }

    @AfterEach
    void restore() throws IOException {
        if (Files.exists(aside)) {
            restoreStore();
        }
    }

    @Test
    void aModelWaitsForTheStoreAndIsPublishedInTheSameAttempt() throws IOException {
        String first = api.await(submit(1)).get("model").asString();
        String id = submit(12);
        await(id, "event:step"); // of the first second
        removeStore();
        await(id, "The artifact store is unavailable: cannot store the model");

        assertThat(api.get("/api/v1/jobs/" + id).text("status")).isEqualTo("running");
        Answer refused = predict(first);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("store_unavailable");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(api.upload("reviews.csv", Reviews.csv(60), Map.of()).status())
                .as("rows are in the database")
                .isEqualTo(201);
        assertThat(post(1).code()).isEqualTo("store_unavailable");

        restoreStore();
        JsonNode job = api.await(id);
        assertThat(job.get("status").asString()).as("%s", job).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        assertThat(predict(job.get("model").asString()).status()).isEqualTo(200);
        assertThat(predict(first).status()).isEqualTo(200);
    }

    @Test
    void aJobThatStartsMeanwhileWaitsForTheStoreAndMayBeCancelled() throws IOException {
        String before = submit(1000);
        await(before, "event:step");
        String cancelled = submit(1);
        String id = submit(1);
        removeStore();
        api.post("/api/v1/jobs/" + before + "/cancel");
        await(cancelled, "The artifact store is unavailable: cannot read the base model and checkpoints");
        api.post("/api/v1/jobs/" + cancelled + "/cancel");
        await(id, "The artifact store is unavailable: cannot read the base model and checkpoints");
        api.post("/api/v1/jobs/" + id + "/pause");
        await(id, "\"status\":\"paused\"");
        api.post("/api/v1/jobs/" + id + "/resume");

        restoreStore();
        assertThat(api.await(id).get("status").asString()).isEqualTo("succeeded");
    }

    @Test
    void theSweepRemovesTheFilesOfAModelThatWasDeletedMeanwhile() throws IOException {
        String model = api.await(submit(1)).get("model").asString();
        Path artifact = store.resolve("models/" + model + "-1");
        assertThat(artifact).isDirectory();
        removeStore();
        assertThat(api.delete("/api/v1/models/" + model).status()).isEqualTo(204);
        restoreStore();
        jdbc.sql("update job_files set created_at = now() - interval '2 hours'").update();

        files.sweep();
        assertThat(artifact).doesNotExist();
        assertThat(jdbc.sql("select count(*) from job_files where artifact like '%' || ? || '%'")
                        .param(model)
                        .query(Long.class)
                        .single())
                .isZero();
    }

    private void removeStore() throws IOException {
        Files.move(store, aside);
        Files.createFile(store);
    }

    private void restoreStore() throws IOException {
        Files.delete(store);
        Files.move(aside, store);
    }

    private void await(String id, String part) {
        api.stream(
                "/api/v1/jobs/" + id + "/events",
                null,
                lines -> assertThat(lines.anyMatch(line -> line.contains(part)))
                        .as("%s: %s", id, part)
                        .isTrue());
    }

    private String submit(int epochs) {
        return post(epochs).text("id");
    }

    private Answer post(int epochs) {
        return api.inAnOutage().post("/api/v1/jobs", """
                        {"base_model":"%s","dataset":"%s","max_attempts":1,
                         "hyperparameters":{"max_length":32,"batch_size":1,"epochs":%d}}""".formatted(models.tiny(), dataset, epochs));
    }

    private Answer predict(String model) {
        return api.inAnOutage().post("/api/v1/models/" + model + "/predict", "{\"inputs\":[\"a fine film\"]}");
    }
}
