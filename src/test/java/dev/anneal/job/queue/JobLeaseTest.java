package dev.anneal.job.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.job.AttemptWriter;
import dev.anneal.job.checkpoint.JobCheckpoint;
import dev.anneal.job.checkpoint.JobFiles;
import dev.anneal.job.queue.JobLease.Cause;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Which lost attempts are tried again, what checkpoints are kept, and what pause and cancel do, with the tests as workers. */
@ServerTest
@TestPropertySource(
        properties = {"anneal.roles=api,inference", "anneal.worker.backoff=100s", "anneal.checkpoints.grace=0s"})
class JobLeaseTest {
    private static final JobError CRASH = new JobError("trainer_crashed", "It crashed.");
    private static final JobError KILL = new JobError("trainer_killed", "It was killed.");

    @Autowired
    Api api;

    @Autowired
    TestJobs jobs;

    @Autowired
    JobQueue queue;

    @Autowired
    JobLease lease;

    @Autowired
    AttemptWriter record;

    @Autowired
    JobFiles files;

    @Autowired
    ArtifactStore store;

    @Autowired
    DataDirectory data;

    @Autowired
    JdbcClient jdbc;

    String id;

    @BeforeEach
    void oneJob() {
        jobs.deleteAll();
        id = jobs.submit();
    }

    @Test
    void anExpiredLeaseCanBeRenewedByTheWorkerThatStillHoldsTheJob() {
        Attempt attempt = claim();
        jobs.expireLease(id);

        assertThat(lease.renew(attempt)).isEqualTo(JobLease.Hold.HELD);
        lease.reclaimExpired();
        assertThat(queue.claim("w2", null)).isEmpty();
    }

    @Test
    void aLostJobWaitsLongerEachTimeAndFailsAfterThreeAttemptsWithoutProgress() {
        Instant before = Instant.now();
        lease.lost(claim(), CRASH, Cause.TRAINER);
        assertThat(queue.claim("w", null)).as("it waits").isEmpty();
        assertThat(waits(before)).isBetween(Duration.ofSeconds(95), Duration.ofSeconds(130));
        before = Instant.now();
        lease.lost(claim(), CRASH, Cause.TRAINER);
        assertThat(waits(before)).as("four times as long, at most 5 min").isGreaterThan(Duration.ofSeconds(280));
        assertThat(job().get("error").isNull()).isTrue();
        lease.lost(claim(), CRASH, Cause.TRAINER);

        assertThat(jobs.status(id)).isEqualTo("failed");
        assertThat(job().get("error").get("code").asString()).isEqualTo("trainer_crashed");
        assertThat(job().get("finished_at").isNull()).isFalse();
        assertThat(jobs.statuses(id))
                .containsExactly("queued", "running", "queued", "running", "queued", "running", "failed");
    }

    @Test
    void killsAndLostWorkersAreNotTheJobsFaultButDoNotRepeatForEver() {
        lease.lost(claim(), CRASH, Cause.TRAINER);
        lease.lost(claim(), CRASH, Cause.TRAINER);
        for (int i = 0; i < 19; i++) {
            killOrLoseTheWorker(i % 2 == 0);
        }
        assertThat(jobs.status(id)).as("of max_attempts, two are used").isEqualTo("queued");
        assertThat(errors().subList(2, 21))
                .as("errors of attempts that are followed by others")
                .noneMatch(message -> message.contains("20 attempts"));
        killOrLoseTheWorker(false);

        assertThat(jobs.status(id)).isEqualTo("failed");
        assertThat(job().get("error").get("code").asString()).isEqualTo("worker_lost");
        assertThat(job().get("error").get("message").asString())
                .startsWith("The worker was lost: ")
                .contains(
                        "20 attempts since the start of the job or its last new checkpoint were killed, or lost because");
        assertThat(errors().get(21)).isEqualTo(job().get("error").get("message").asString());
    }

    private void killOrLoseTheWorker(boolean kill) {
        Attempt attempt = claim();
        if (kill) {
            lease.lost(attempt, KILL, Cause.KILL);
        } else {
            jobs.expireLease(id);
            lease.reclaimExpired();
        }
    }

    private List<String> errors() {
        return jobs.events(id)
                .valueStream()
                .map(event -> event.get("data").path("error").path("message"))
                .filter(JsonNode::isString)
                .map(JsonNode::asString)
                .toList();
    }

    @Test
    void aJobThatProgressesEachTimeMayBeLostAnyNumberOfTimes() {
        for (int step = 1; step <= 6; step++) {
            Attempt attempt = claim();
            checkpoint(attempt, step, 1, false, 0);
            lease.lost(attempt, CRASH, step % 2 == 0 ? Cause.MEMORY : Cause.TRAINER);
        }
        assertThat(jobs.status(id)).isEqualTo("queued");

        for (int i = 0; i < 2; i++) {
            Attempt attempt = claim();
            checkpoint(attempt, 6, 1, false, 0);
            lease.lost(attempt, CRASH, Cause.TRAINER);
        }
        assertThat(jobs.status(id)).as("the same step again is no progress").isEqualTo("failed");
    }

    @Test
    void aJobThatRunsOutOfMemoryTwiceFails() {
        lease.lost(claim(), new JobError("out_of_memory", "Lower batch_size."), Cause.MEMORY);
        lease.lost(claim(), new JobError("out_of_memory", "Lower batch_size."), Cause.MEMORY);

        assertThat(jobs.status(id)).isEqualTo("failed");
        assertThat(job().get("error").get("code").asString()).isEqualTo("out_of_memory");
    }

    @Test
    void aJobOfOneAttemptIsNotRetriedAndMaxAttemptsHasBounds() {
        jobs.deleteAll();
        id = jobs.submit("\"max_attempts\":1,\"checkpoints\":{\"every_steps\":5}");
        assertThat(job().get("checkpoints").toString())
                .isEqualTo("{\"every_steps\":5,\"every_seconds\":null,\"keep\":2}");
        lease.lost(claim(), CRASH, Cause.TRAINER);

        assertThat(jobs.status(id)).isEqualTo("failed");
        assertThat(refused("\"max_attempts\":0")).isEqualTo("out_of_range");
        assertThat(refused("\"max_attempts\":21")).isEqualTo("out_of_range");
        assertThat(refused("\"checkpoints\":{\"keep\":0}")).isEqualTo("out_of_range");
        assertThat(refused("\"checkpoints\":{\"every\":1}")).isEqualTo("unknown_field");
    }

    @Test
    void anEpochThatIsTrainedAgainIsRecordedOnceUnlessItsMetricsDiffer() {
        Attempt first = claim();
        record.epoch(first, metrics(1, 0.5, 9));
        record.epoch(first, metrics(2, 0.4, 9));
        lease.release(first);

        Attempt second = claim();
        record.epoch(second, metrics(1, 0.5, 7));
        assertThat(job().get("metrics")).hasSize(2);
        assertThat(job().get("metrics").get(0).get("seconds").asInt()).isEqualTo(9);

        record.epoch(second, metrics(1, 0.3, 7));
        assertThat(job().get("metrics")).hasSize(1);
        assertThat(job().get("metrics").get(0).get("train_loss").asDouble()).isEqualTo(0.3);
        assertThat(jobs.eventTypes(id)).filteredOn("epoch"::equals).hasSize(3);
    }

    @Test
    void validationsWithinEpochsAreShownInTheirOrderAndThoseOfALostAttemptAreReplaced() {
        Attempt first = claim();
        record.validation(first, within(1, 2, 0.9));
        record.validation(first, within(1, 4, 0.8));
        record.epoch(first, metrics(1, 5, 0.7, 9));
        record.validation(first, within(2, 6, 0.6));
        record.epoch(first, metrics(2, 10, 0.5, 9));
        assertThat(steps()).containsExactly(2, 4, 5, 6, 10);
        lease.release(first);

        Attempt second = claim();
        record.validation(second, within(1, 4, 0.8));
        assertThat(steps()).as("the same again").containsExactly(2, 4, 5, 6, 10);
        record.epoch(second, metrics(1, 5, 0.4, 9));
        assertThat(steps()).containsExactly(2, 4, 5);
        record.validation(second, within(1, 2, 0.3));
        assertThat(steps()).containsExactly(2);
        assertThat(job().get("metrics").get(0).get("within_epoch").asBoolean()).isTrue();
        assertThat(jobs.eventTypes(id)).filteredOn("validation"::equals).hasSize(4);

        record.validation(second, within(1, 4, 0.2));
        record.epoch(second, metrics(1, 4, 0.1, 9));
        assertThat(steps())
                .as("the end of an epoch replaces a validation within it")
                .containsExactly(2, 4);
    }

    private List<Integer> steps() {
        return job().get("metrics")
                .valueStream()
                .map(metrics -> metrics.get("step").asInt())
                .toList();
    }

    private static JsonNode within(int epoch, int step, double loss) {
        return metrics(epoch, step, loss, 9).asObject().put("within_epoch", true);
    }

    private static JsonNode metrics(int epoch, double loss, int seconds) {
        return metrics(epoch, epoch, loss, seconds);
    }

    private static JsonNode metrics(int epoch, int step, double loss, int seconds) {
        return Json.MAPPER.readTree("""
                {"epoch":%d,"step":%d,"train_loss":%s,"validation_loss":null,"learning_rate":0.1,"examples_per_second":9.0,
                 "evaluated_per_second":null,"seconds":%d,"accuracy":null}""".formatted(epoch, step, loss, seconds));
    }

    @Test
    void aReleasedJobIsQueuedAgainEveryTime() {
        for (int i = 0; i < 5; i++) {
            lease.release(claim());
        }

        assertThat(jobs.status(id)).isEqualTo("queued");
        assertThat(job().get("attempt").asInt()).isEqualTo(5);
        assertThat(job().get("next_attempt_at").isNull()).isTrue();
    }

    @Test
    void theLastCheckpointsAndTheBestOneAreKeptAndANewAttemptShowsHowFarTheJobIs() {
        Attempt attempt = claim();
        record.progress(attempt, Json.MAPPER.readTree("""
                {"epoch":1,"epochs":3,"step":4,"steps":12,"train_loss":0.5,"learning_rate":0.1,"eta_seconds":1,
                 "examples_per_second":9,"percent":33.3}"""));
        assertThat(checkpoint(attempt, 4, 1, true, 1)).isEmpty();
        assertThat(checkpoint(attempt, 6, 2, false, 1)).isEmpty();
        assertThat(checkpoint(attempt, 8, 2, true, 1)).isEmpty();
        assertThat(checkpoint(attempt, 10, 3, false, 1)).containsExactly("checkpoints/" + id + "/1-6-interval");
        assertThat(jobs.checkpointSteps(id)).containsExactly(10, 8, 4);
        assertThat(checkpoint(attempt, 12, 3, true, 3))
                .containsExactlyInAnyOrder("checkpoints/" + id + "/1-4-epoch", "checkpoints/" + id + "/1-8-epoch");

        lease.release(attempt);
        Attempt second = claim();
        assertThat(job().get("progress").get("step").asInt()).isEqualTo(4);
        assertThat(job().get("best").get("epoch").asInt()).isEqualTo(3);
        assertThat(checkpoint(second, 12, 3, true, 3))
                .as("the later of two at the same step stays")
                .containsExactly("checkpoints/" + id + "/1-12-epoch");
        record.checkpoint(second, JobCheckpoint.of(second, told(12, 3, true, 3)), told(12, 3, true, 3), 2);
        assertThat(jobs.checkpointSteps(id)).containsExactly(12, 10);
        assertThat(jobs.eventTypes(id).stream().filter("checkpoint"::equals))
                .as("a repeated call is no second event")
                .hasSize(6);
    }

    @Test
    void aCheckpointOfAStaleWorkerIsRefused() {
        Attempt first = claim();
        record.announce(first, "checkpoints/" + id + "/1-4-epoch");
        jobs.expireLease(id);
        lease.reclaimExpired();
        claim();

        assertThatThrownBy(() -> checkpoint(first, 4, 1, true, 1)).isInstanceOf(AttemptLostException.class);
        assertThat(jobs.checkpointSteps(id)).isEmpty();
    }

    @Test
    void filesThatNoRowNamesAreSweptAndOthersStay() throws IOException {
        Attempt first = claim();
        String left = stored(first, "1-4-epoch");
        lease.release(first);
        Attempt second = claim();
        String named = stored(second, "2-8-epoch");
        checkpoint(second, 8, 2, true, 2);
        String coming = stored(second, "2-9-interval");
        files.sweep();

        assertThat(store.has(left)).isFalse();
        assertThat(store.has(named)).isTrue();
        assertThat(store.has(coming)).as("its row may come in a moment").isTrue();

        api.post("/api/v1/jobs/" + id + "/cancel");
        files.sweep();
        assertThat(store.has(coming)).isFalse();
        assertThat(store.has(named)).as("kept for a week").isTrue();
        jdbc.sql("update jobs set finished_at = now() - interval '8 days'").update();
        files.sweep();
        assertThat(store.has(named)).isFalse();
        assertThat(jobs.checkpointSteps(id)).isEmpty();
    }

    @Test
    void aQueuedJobIsPausedAtOnceAndQueuedAgainWhenResumed() {
        assertThat(api.post("/api/v1/jobs/" + id + "/resume").code()).isEqualTo("job_is_queued");
        assertThat(api.post("/api/v1/jobs/" + id + "/pause").text("status")).isEqualTo("paused");
        assertThat(queue.claim("w", null)).isEmpty();
        assertThat(api.post("/api/v1/jobs/" + id + "/pause").code()).isEqualTo("job_is_paused");
        assertThat(api.post("/api/v1/jobs/" + id + "/resume").text("status")).isEqualTo("queued");
        assertThat(queue.claim("w", null)).isPresent();
    }

    @Test
    void aRunningJobIsPausedByItsWorkerOrWhenItsWorkerIsLost() {
        Attempt attempt = claim();
        JsonNode asked = api.post("/api/v1/jobs/" + id + "/pause").json();
        assertThat(asked.get("status").asString()).isEqualTo("running");
        assertThat(asked.get("pause_requested").asBoolean()).isTrue();
        assertThat(api.post("/api/v1/jobs/" + id + "/pause").status()).isEqualTo(200);
        assertThat(api.post("/api/v1/jobs/" + id + "/resume").code()).isEqualTo("job_is_running");
        assertThat(lease.renew(attempt)).isEqualTo(JobLease.Hold.PAUSE_REQUESTED);
        lease.release(attempt);
        assertThat(jobs.status(id)).isEqualTo("paused");
        assertThat(job().get("pause_requested").asBoolean()).isFalse();

        api.post("/api/v1/jobs/" + id + "/resume");
        claim();
        api.post("/api/v1/jobs/" + id + "/pause");
        jobs.expireLease(id);
        lease.reclaimExpired();
        assertThat(jobs.status(id)).isEqualTo("paused");
        assertThat(api.post("/api/v1/jobs/" + id + "/cancel").text("status")).isEqualTo("cancelled");
        assertThat(api.post("/api/v1/jobs/" + id + "/resume").code()).isEqualTo("job_has_ended");
    }

    @Test
    void onlyACheckpointOfAnEpochCanBePublished() {
        Attempt attempt = claim();
        checkpoint(attempt, 3, 1, false, 0);

        assertThat(api.post("/api/v1/jobs/" + id + "/cancel?publish=best").code())
                .isEqualTo("no_best_checkpoint");
        assertThat(api.post("/api/v1/jobs/" + id + "/cancel?publish=last").status())
                .isEqualTo(422);
        assertThat(api.post("/api/v1/jobs/" + id + "/checkpoints/3/publish").code())
                .isEqualTo("checkpoint_has_no_model");
        assertThat(api.post("/api/v1/jobs/" + id + "/checkpoints/4/publish").status())
                .isEqualTo(404);
        assertThat(api.post("/api/v1/jobs/" + id + "/checkpoints/x/publish").status())
                .isEqualTo(422);
        assertThat(jobs.status(id)).isEqualTo("running");
    }

    private String refused(String field) {
        return jobs.post(field).code();
    }

    private Attempt claim() {
        jobs.endBackoff(id);
        return queue.claim("w", null).orElseThrow();
    }

    private List<String> checkpoint(Attempt attempt, int step, int epoch, boolean model, int best) {
        JsonNode told = told(step, epoch, model, best);
        return record.checkpoint(attempt, JobCheckpoint.of(attempt, told), told, 2);
    }

    private static JsonNode told(int step, int epoch, boolean model, int best) {
        return Json.MAPPER.readTree("""
                {"step":%d,"epoch":%d,"reason":"%s","path":"%08d","size_bytes":9,"has_model":%b,"best":%s}""".formatted(
                step,
                epoch,
                model ? "epoch" : "interval",
                step,
                model,
                best == 0
                        ? null
                        : "{\"epoch\":" + best + ",\"step\":" + 4 * best + ",\"metric\":\"loss\",\"value\":0.5}"));
    }

    private String stored(Attempt attempt, String name) throws IOException {
        String key = "checkpoints/" + id + "/" + name;
        record.announce(attempt, key);
        Path directory = data.directory("work/test-" + name);
        Files.writeString(directory.resolve("state.json"), "{}");
        store.put(key, directory);
        return key;
    }

    private Duration waits(Instant since) {
        return Duration.between(
                since, Instant.parse(job().get("next_attempt_at").asString()));
    }

    private JsonNode job() {
        return jobs.get(id);
    }
}
