package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.job.Job;
import dev.anneal.job.Jobs;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.AttemptLostException;
import dev.anneal.job.queue.JobLease;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The upload of checkpoints, also if the store refuses them or the worker has lost its job. */
@ServerTest
@Import(CheckpointUploadTest.Meddling.class)
@TestPropertySource(properties = "anneal.roles=api,inference")
class CheckpointUploadTest {
    private static Runnable afterPut = () -> {};

    /** Runs a test's action after each put of a checkpoint. */
    @TestConfiguration
    static class Meddling {
        @Bean
        static BeanPostProcessor meddlingStore() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof ArtifactStore ? meddling(bean) : bean;
                }
            };
        }

        private static Object meddling(Object store) {
            return Proxy.newProxyInstance(
                    Meddling.class.getClassLoader(),
                    new Class<?>[] {ArtifactStore.class},
                    (proxy, method, arguments) -> {
                        try {
                            Object answer = method.invoke(store, arguments);
                            if (method.getName().equals("put")
                                    && arguments[0].toString().startsWith("checkpoints/")) {
                                afterPut.run();
                            }
                            return answer;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    @Autowired
    Api api;

    @Autowired
    TestJobs testJobs;

    @Autowired
    CheckpointUpload upload;

    @Autowired
    JobQueue queue;

    @Autowired
    JobLease lease;

    @Autowired
    Jobs jobs;

    @Autowired
    ArtifactStore store;

    @Autowired
    JdbcClient jdbc;

    private final Path work = TestServer.newDirectory();
    private String id;
    private RunningAttempt run;
    private Job job;

    @BeforeEach
    void claimAJob() {
        afterPut = () -> {};
        testJobs.deleteAll();
        id = testJobs.submit();
        Attempt attempt = queue.claim("w1", null).orElseThrow();
        run = new RunningAttempt(attempt, Duration.ofMillis(10));
        job = jobs.findById(id).orElseThrow();
    }

    @Test
    void aCheckpointIsStoredAndTheTrainerKeepsItsCopy() throws IOException {
        upload.upload(run, job, work, checkpoint(4, 1, 1));

        assertThat(testJobs.checkpointSteps(id)).containsExactly(4);
        assertThat(store.get("checkpoints/" + id + "/1-4-epoch").resolve("model/config.json"))
                .hasContent("{}");
        assertThat(work.resolve("checkpoints/00000004/model/config.json")).exists();
        assertThat(work.resolve("upload/00000004")).doesNotExist();
    }

    @Test
    void anUploadDuringWhichTheJobIsLostIsRemovedAndNeverVisible() throws IOException {
        JsonNode event = checkpoint(4, 1, 1);
        afterPut = this::takeOver;

        assertThatThrownBy(() -> upload.upload(run, job, work, event)).isInstanceOf(AttemptLostException.class);
        assertThat(testJobs.checkpointSteps(id)).isEmpty();
        assertThat(store.has("checkpoints/" + id + "/1-4-epoch")).isFalse();
        assertThat(jdbc.sql("select count(*) from job_files where job_id = ?")
                        .param(id)
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void aWorkerThatHasLostItsJobDoesNotUpload() throws IOException {
        JsonNode event = checkpoint(4, 1, 1);
        takeOver();
        afterPut = () -> {
            throw new AssertionError("put");
        };

        assertThatThrownBy(() -> upload.upload(run, job, work, event)).isInstanceOf(AttemptLostException.class);
    }

    @Test
    void aStoreThatRefusesACheckpointDoesNotStopTheJobAndTheBestOneIsRetried() throws IOException {
        afterPut = () -> {
            throw new UncheckedIOException("cannot store", new IOException("No space left on device"));
        };
        upload.upload(run, job, work, checkpoint(4, 1, 1));

        assertThat(testJobs.checkpointSteps(id)).isEmpty();
        assertThat(testJobs.get(id).get("best").get("epoch").asInt()).isEqualTo(1);
        assertThat(testJobs.events(id).toString())
                .contains("the checkpoint at step 4 could not be stored: No space left on device; training continues");
        assertThat(testJobs.eventTypes(id))
                .as("nothing can resume from it")
                .contains("log")
                .doesNotContain("checkpoint");
        assertThat(work.resolve("checkpoints/00000004/model/config.json")).exists();

        afterPut = () -> {};
        jdbc.sql("delete from job_files where job_id = ?").param(id).update();
        upload.upload(run, job, work, checkpoint(8, 2, 1));
        assertThat(testJobs.checkpointSteps(id)).containsExactly(8, 4);
        assertThat(testJobs.eventTypes(id).stream().filter("checkpoint"::equals))
                .hasSize(2);
    }

    @Test
    void noCheckpointIsStoredWhileTheBestOneIsMissing() throws IOException {
        afterPut = () -> {
            throw new UncheckedIOException("cannot store", new IOException("No space left on device"));
        };
        upload.upload(run, job, work, checkpoint(4, 1, 1));
        afterPut = () -> {
            afterPut = () -> {};
            throw new UncheckedIOException("cannot store", new IOException("No space left on device"));
        };
        jdbc.sql("delete from job_files where job_id = ?").param(id).update();
        upload.upload(run, job, work, checkpoint(8, 2, 1));

        assertThat(testJobs.checkpointSteps(id))
                .as("nothing can resume from it without the best model")
                .isEmpty();
        assertThat(testJobs.events(id).toString()).contains("the checkpoint at step 8 could not be stored");

        upload.upload(run, job, work, checkpoint(12, 3, 1));
        assertThat(testJobs.checkpointSteps(id)).containsExactly(12, 4);
    }

    /** The answer to the commit was lost, and the job was lost before the retry. */
    @Test
    void theFilesOfACheckpointThatWasRecordedStayWhenTheJobIsLost() throws IOException {
        JsonNode event = checkpoint(4, 1, 1);
        afterPut = () -> {
            jdbc.sql("""
                            insert into job_checkpoints
                                (job_id, step, epoch, reason, attempt, size_bytes, has_model, artifact)
                            values (?, 4, 1, 'epoch', 1, 4, true, ?)""").params(id, "checkpoints/" + id + "/1-4-epoch").update();
            takeOver();
        };

        assertThatThrownBy(() -> upload.upload(run, job, work, event)).isInstanceOf(AttemptLostException.class);
        assertThat(testJobs.checkpointSteps(id)).containsExactly(4);
        assertThat(store.has("checkpoints/" + id + "/1-4-epoch")).isTrue();
    }

    private void takeOver() {
        testJobs.expireLease(id);
        lease.reclaimExpired();
        testJobs.endBackoff(id);
        queue.claim("w2", null).orElseThrow();
    }

    private JsonNode checkpoint(int step, int epoch, int best) throws IOException {
        Path directory = work.resolve("checkpoints").resolve("%08d".formatted(step));
        Files.createDirectories(directory.resolve("model"));
        Files.writeString(directory.resolve("state.json"), "{}");
        Files.writeString(directory.resolve("model/config.json"), "{}");
        return Json.MAPPER.readTree("""
                {"step":%d,"epoch":%d,"reason":"epoch","path":"%08d","size_bytes":4,"has_model":true,
                 "best":{"epoch":%d,"step":%d,"metric":"loss","value":0.5}}""".formatted(step, epoch, step, best, 4 * best));
    }
}
