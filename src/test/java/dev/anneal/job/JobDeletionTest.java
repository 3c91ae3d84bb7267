package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.artifact.StoreUnavailableException;
import dev.anneal.job.checkpoint.JobCheckpoint;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.job.queue.JobError;
import dev.anneal.job.queue.JobLease;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The rows and files that are deleted with a job, those that stay, and the fate of those who use the job meanwhile. The tests are the worker. */
@ServerTest
@Import(JobDeletionTest.ScriptedStore.class)
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.checkpoints.grace=0s"})
class JobDeletionTest {
    private static final List<String> TABLES = List.of(
            "job_events", "job_metrics", "job_checkpoints", "job_files where job_id = :id and artifact like 'c%'");

    /** Runs before each call of the store, with the name of the method and the key. */
    private interface Script {
        void before(String method, String key) throws IOException;
    }

    private static volatile Script script = (method, key) -> {};

    @TestConfiguration
    static class ScriptedStore {
        @Bean
        static BeanPostProcessor scriptedStore() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof ArtifactStore ? scripted(bean) : bean;
                }
            };
        }

        private static Object scripted(Object store) {
            return Proxy.newProxyInstance(
                    ScriptedStore.class.getClassLoader(),
                    new Class<?>[] {ArtifactStore.class},
                    (proxy, method, arguments) -> {
                        if (arguments != null) {
                            script.before(method.getName(), String.valueOf(arguments[0]));
                        }
                        try {
                            return method.invoke(store, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    @Autowired
    Api api;

    @Autowired
    TestJobs jobs;

    @Autowired
    JobQueue queue;

    @Autowired
    JobLease lease;

    @Autowired
    AttemptWriter writer;

    @Autowired
    JobFiles files;

    @Autowired
    ArtifactStore store;

    @Autowired
    DataDirectory data;

    @Autowired
    JdbcClient jdbc;

    private String id;
    private List<String> modelFilesBefore;

    @BeforeEach
    void oneJob() throws IOException {
        script = (method, key) -> {};
        jobs.deleteAll();
        id = jobs.submit();
        modelFilesBefore = modelFiles();
    }

    @ParameterizedTest
    @ValueSource(strings = {"succeeded", "failed", "cancelled"})
    void anEndedJobIsDeletedWithItsEventsMetricsCheckpointsAndReport(String status) throws IOException {
        Attempt attempt = claim();
        writer.epoch(attempt, Json.MAPPER.readTree("""
                {"epoch":1,"step":4,"train_loss":0.6,"validation_loss":0.5,"learning_rate":0,"examples_per_second":9,
                 "seconds":1}"""));
        String artifact = checkpoint(attempt, 4);
        end(attempt, status);
        assertThat(jobs.status(id)).isEqualTo(status);
        assertThat(rows("job_events")).isPositive();
        assertThat(rows("job_metrics")).isPositive();

        Answer deleted = delete();

        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.bytes()).isEmpty();
        for (String part : List.of("", "/events", "/report", "/checkpoints")) {
            assertThat(api.get("/api/v1/jobs/" + id + part).status()).as(part).isEqualTo(404);
        }
        assertThat(api.get("/api/v1/jobs").json().get("data")).isEmpty();
        for (String table : TABLES) {
            assertThat(rows(table)).as(table).isZero();
        }
        assertThat(store.has(artifact)).isFalse();
    }

    /** A sweep of an older version looks only at the record of the files, and not at what names them. */
    @Test
    void predictionsHaveARecordOfFilesToRemoveOnlyOnceTheyAreDeleted() throws IOException {
        Attempt attempt = claim();
        String artifact = "predictions/" + id + "-1";
        writer.announce(attempt, artifact);
        Path directory = Files.createDirectories(data.directory("work/predictions-" + id));
        Files.writeString(directory.resolve("predictions.jsonl.gz"), "");
        store.put(artifact, directory);
        writer.evaluated(attempt, Json.MAPPER.nullNode(), null, new StoredPredictions(artifact, 1_000));

        assertThat(rows("job_files")).isZero();
        long used = storage();

        script = (method, key) -> {
            if (method.equals("delete")) {
                throw new StoreUnavailableException("cannot delete", new IOException("connection refused"));
            }
        };
        assertThat(delete().status()).isEqualTo(204);
        assertThat(storage()).as("the storage of the project").isEqualTo(used - 1_000);
        assertThat(rows("job_files")).isEqualTo(1);
        assertThat(store.has(artifact)).isTrue();

        script = (method, key) -> {};
        files.sweep();
        assertThat(store.has(artifact)).isFalse();
        assertThat(rows("job_files")).isZero();
    }

    @Test
    void aJobThatHasNotEndedIsNotDeleted() {
        assertNotFinished("queued");
        api.post("/api/v1/jobs/" + id + "/pause");
        assertNotFinished("paused");
        api.post("/api/v1/jobs/" + id + "/resume");
        claim();
        assertNotFinished("running");

        assertThat(jobs.statuses(id)).containsExactly("queued", "paused", "queued", "running");
    }

    private void assertNotFinished(String status) {
        Answer refused = delete();
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("job_not_finished");
        assertThat(refused.detail()).isEqualTo("The job is " + status + ". Cancel it first, then delete it.");
        assertThat(jobs.status(id)).isEqualTo(status);
    }

    @Test
    void anUnknownJobThatOfAnotherProjectAndADeletedOneAreNotFound() {
        cancel();
        api.post("/api/v1/projects", "{\"id\":\"other\"}");

        assertThat(api.delete("/api/v1/jobs/job_unknown").status()).isEqualTo(404);
        assertThat(api.in("other").delete("/api/v1/jobs/" + id).status()).isEqualTo(404);
        assertThat(jobs.status(id)).isEqualTo("cancelled");
        assertThat(delete().status()).isEqualTo(204);
        Answer again = delete();
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.detail()).startsWith("There is no job '" + id + "'.");
    }

    @Test
    void filesThatTheStoreDoesNotDeleteAreSweptLater() throws IOException {
        String artifact = checkpoint(claim(), 4);
        cancel();
        script = (method, key) -> {
            if (method.equals("delete")) {
                throw new StoreUnavailableException("cannot delete", new IOException("connection refused"));
            }
        };

        assertThat(delete().status()).isEqualTo(204);
        assertThat(store.has(artifact)).isTrue();

        script = (method, key) -> {};
        files.sweep();
        assertThat(store.has(artifact)).isFalse();
        assertThat(rows("job_files")).isZero();
    }

    @Test
    void modelsOfADeletedJobStayAndCanBeUsedAsBefore() throws IOException {
        checkpoint(claim(), 4);
        String ofStep = publish(4).text("id");
        String best = api.post("/api/v1/jobs/" + id + "/cancel?publish=best").text("model");
        Map<String, JsonNode> before = Map.of(ofStep, model(ofStep), best, model(best));

        assertThat(delete().status()).isEqualTo(204);
        files.sweep();

        for (String model : before.keySet()) {
            assertThat(model(model)).isEqualTo(before.get(model));
            assertThat(model(model).get("job").asString()).isEqualTo(id);
            assertThat(api.get("/api/v1/models/" + model + "/download").bytes()).isNotEmpty();
            assertThat(api.post("/api/v1/models/" + model + "/predict", "{\"inputs\":[\"good\"]}")
                            .status())
                    .isEqualTo(200);
            assertThat(api.get("/api/v1/models?kind=fine-tuned").json().toString())
                    .contains(model);
        }
        assertThat(api.post("/api/v1/models/" + id + "/predict", "{\"inputs\":[\"good\"]}")
                        .status())
                .as("the job's id names no model")
                .isEqualTo(404);
    }

    @Test
    void aLaterJobStartsFromTheModelOfADeletedJob() throws IOException {
        checkpoint(claim(), 4);
        String model = api.post("/api/v1/jobs/" + id + "/cancel?publish=best").text("model");
        delete();
        String dataset = upload();
        Answer later = api.post("/api/v1/jobs", "{\"base_model\":\"%s\",\"dataset\":\"%s\"}".formatted(model, dataset));
        assertThat(later.status()).as("%s", later.json()).isEqualTo(201);
        id = later.text("id");

        checkpoint(claim(), 8);
        String next = api.post("/api/v1/jobs/" + id + "/cancel?publish=best").text("model");

        assertThat(model(next).get("base_model").asString()).isEqualTo(model);
        assertThat(api.delete("/api/v1/models/" + model).status()).isEqualTo(204);
    }

    @Test
    void aDatasetThatOnlyADeletedJobUsedCanBeDeletedAndTheModelKeepsItsHash() throws IOException {
        jobs.deleteAll();
        String dataset = upload();
        id = api.post("/api/v1/jobs", "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\"}")
                .text("id");
        checkpoint(claim(), 4);
        assertThat(api.delete("/api/v1/datasets/" + dataset).code()).isEqualTo("dataset_in_use");
        String model = api.post("/api/v1/jobs/" + id + "/cancel?publish=best").text("model");
        delete();

        assertThat(api.delete("/api/v1/datasets/" + dataset).status()).isEqualTo(204);
        assertThat(model(model).get("dataset").asString()).isEqualTo(dataset);
        assertThat(model(model).get("dataset_sha256").asString()).hasSize(64);
    }

    @Test
    void anOpenStreamOfEventsEnds() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            Future<?> stream = reader.submit(() -> api.stream(
                    "/api/v1/jobs/" + id + "/events", null, lines -> lines.forEach(line -> open.countDown())));
            assertThat(open.await(1, TimeUnit.MINUTES)).isTrue();
            // Without an event, so that only the deletion ends the stream.
            jdbc.sql("update jobs set status = 'cancelled', finished_at = now() where id = ?")
                    .param(id)
                    .update();
            delete();

            stream.get(1, TimeUnit.MINUTES);
        } finally {
            reader.shutdownNow();
        }
    }

    @Test
    void noWebhookIsCalled() {
        cancel();
        jdbc.sql("""
                        insert into webhooks (id, project, url, events, secret, created_at)
                        select 'wh_1', 'default', 'http://127.0.0.1:9/', array_agg('job.' || status), 'whsec_', now()
                        from unnest(array['queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled', 'deleted']) status""").update();
        try {
            assertThat(delete().status()).isEqualTo(204);
            assertThat(rows("webhook_deliveries")).isZero();
        } finally {
            jdbc.sql("delete from webhooks").update();
        }
    }

    @Test
    void aWorkerThatStillHoldsTheJobLearnsThatItIsLost() {
        Attempt attempt = claim();
        cancel();
        delete();

        assertThat(lease.renew(attempt)).isEqualTo(JobLease.Hold.LOST);
        assertThatThrownBy(() -> writer.log(attempt, "info", "still here")).isInstanceOf(AttemptLostException.class);
        assertThatThrownBy(() -> checkpoint(attempt, 5)).isInstanceOf(AttemptLostException.class);
        assertThat(rows("job_files")).isZero();
    }

    /** The deletion comes while the checkpoint's files are looked for, before the model's are stored, and before its row is. */
    @ParameterizedTest
    @CsvSource({"get,checkpoints/,false", "put,models/,false", "put,models/,true", "get,checkpoints/,true"})
    void aCheckpointIsNotPublishedIfItsJobIsDeletedMeanwhile(String method, String prefix, boolean idempotent)
            throws IOException {
        checkpoint(claim(), 4);
        cancel();
        script = (called, key) -> {
            if (called.equals(method) && key.startsWith(prefix)) {
                script = (any, other) -> {};
                assertThat(delete().status()).isEqualTo(204);
            }
        };
        String path = "/api/v1/jobs/" + id + "/checkpoints/4/publish";

        Answer answer = idempotent ? api.post(path, "", "Idempotency-Key", id + method) : api.post(path);

        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(404);
        assertThat(answer.detail()).startsWith("There is no job '" + id + "'.");
        assertThat(rows("models")).isZero();
        assertThat(rows("job_files")).isZero();
        assertNoFileIsLeft();
    }

    @Test
    void aCheckpointIsNotPublishedIfItsFilesAreSweptMeanwhile() throws IOException {
        checkpoint(claim(), 4);
        cancel();
        script = (called, key) -> {
            if (called.equals("put") && key.startsWith("models/")) {
                script = (any, other) -> {};
                files.sweep();
            }
        };

        Answer refused = api.inAnOutage().post("/api/v1/jobs/" + id + "/checkpoints/4/publish");

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("database_unavailable");
        assertThat(rows("models")).isZero();
        assertThat(publish(4).status()).isEqualTo(201);
    }

    @Test
    void aPublicationAndADeletionAtTheSameTimeLeaveAWholeModelOrNone() throws Exception {
        ExecutorService both = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < 8; i++) {
                oneJob();
                checkpoint(claim(), 4);
                cancel();
                Future<Answer> publication = both.submit(() -> publish(4));
                Future<Answer> deletion = both.submit(this::delete);

                assertThat(deletion.get().status()).isEqualTo(204);
                Answer published = publication.get();
                assertThat(published.status()).as("%s", published.json()).isIn(201, 404);
                files.sweep();
                assertThat(rows("job_files")).isZero();
                assertThat(rows("job_checkpoints")).isZero();
                assertThat(rows("models")).isEqualTo(published.status() == 201 ? 1 : 0);
                if (published.status() == 201) {
                    String model = published.text("id");
                    assertThat(api.get("/api/v1/models/" + model + "/download").status())
                            .isEqualTo(200);
                    api.delete("/api/v1/models/" + model);
                }
                assertNoFileIsLeft();
            }
        } finally {
            both.shutdownNow();
        }
    }

    private Attempt claim() {
        return queue.claim("w", null).orElseThrow();
    }

    private long storage() {
        return api.get("/api/v1/projects/default")
                .json()
                .get("usage")
                .get("storage_bytes")
                .asLong();
    }

    private void cancel() {
        assertThat(api.post("/api/v1/jobs/" + id + "/cancel").status()).isEqualTo(200);
    }

    private Answer delete() {
        return api.delete("/api/v1/jobs/" + id);
    }

    private Answer publish(int step) {
        return api.post("/api/v1/jobs/" + id + "/checkpoints/" + step + "/publish");
    }

    private JsonNode model(String model) {
        return api.get("/api/v1/models/" + model).json();
    }

    private String upload() {
        return api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
    }

    private void end(Attempt attempt, String status) {
        switch (status) {
            case "succeeded" -> {
                JsonNode best = Json.MAPPER.readTree("{\"epoch\":1,\"metric\":\"loss\",\"value\":0.5}");
                files.remove(writer.succeeded(attempt, best, Json.MAPPER.nullNode(), "{}", "mdl_none", null));
            }
            case "failed" -> writer.failed(attempt, new JobError("trainer_crashed", "It crashed."));
            default -> cancel();
        }
    }

    /** Stores a checkpoint with the model of the best epoch, as a worker does. Returns its artifact. */
    private String checkpoint(Attempt attempt, int step) throws IOException {
        JsonNode event = Json.MAPPER.readTree("""
                {"step":%d,"epoch":1,"reason":"epoch","path":"x","size_bytes":9,"has_model":true,
                 "best":{"epoch":1,"step":%d,"metric":"loss","value":0.5}}""".formatted(step, step));
        JobCheckpoint checkpoint = JobCheckpoint.of(attempt, event);
        writer.announce(attempt, checkpoint.artifact());
        Path directory = data.directory("work/test-" + attempt.jobId());
        TestModels.tiny(directory.resolve("model"), "negative", "positive");
        store.put(checkpoint.artifact(), directory);
        writer.checkpoint(attempt, checkpoint, event, 2);
        return checkpoint.artifact();
    }

    private long rows(String table) {
        String where = table.contains(" where ") ? "" : " where job_id = :id";
        return jdbc.sql("select count(*) from " + table + where)
                .param("id", id)
                .query(Long.class)
                .single();
    }

    private void assertNoFileIsLeft() throws IOException {
        assertThat(data.file("artifacts/checkpoints/" + id))
                .satisfiesAnyOf(
                        directory -> assertThat(directory).doesNotExist(),
                        directory -> assertThat(directory).isEmptyDirectory());
        assertThat(modelFiles()).isEqualTo(modelFilesBefore);
    }

    private List<String> modelFiles() throws IOException {
        try (Stream<Path> models = Files.list(data.directory("artifacts/models"))) {
            return models.map(Path::toString).sorted().toList();
        }
    }
}
