package dev.anneal.job.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.job.AttemptWriter;
import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The queue itself, with the tests as its workers. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class JobQueueTest {
    private static final JsonNode EPOCH = Json.MAPPER.readTree("""
            {"epoch":1,"step":4,"train_loss":0.5,"validation_loss":null,"learning_rate":0.1,"examples_per_second":9.0,
             "seconds":2.0,"accuracy":null,"f1_macro":null}""");

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

    @BeforeEach
    void emptyQueue() {
        jobs.deleteAll();
    }

    @Test
    void theOldestJobIsClaimedFirstAndEachOnce() {
        String first = jobs.submit();
        String second = jobs.submit();

        assertThat(queue.claim("w1", null)).map(Attempt::jobId).contains(first);
        assertThat(queue.claim("w2", null)).map(Attempt::jobId).contains(second);
        assertThat(queue.claim("w3", null)).isEmpty();
        assertThat(jobs.status(first)).isEqualTo("running");
    }

    @Test
    void manyWorkersClaimEachJobOnce() throws Exception {
        List<String> submitted = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            submitted.add(jobs.submit());
        }
        ExecutorService workers = Executors.newFixedThreadPool(8);
        List<Callable<List<String>>> tasks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "w" + i;
            tasks.add(() -> {
                List<String> mine = new ArrayList<>();
                for (Optional<Attempt> a = queue.claim(name, null); a.isPresent(); a = queue.claim(name, null)) {
                    mine.add(a.get().jobId());
                }
                return mine;
            });
        }
        List<String> claimed = new ArrayList<>();
        for (Future<List<String>> future : workers.invokeAll(tasks)) {
            claimed.addAll(future.get());
        }
        workers.shutdown();

        assertThat(claimed).containsExactlyInAnyOrderElementsOf(submitted);
    }

    @Test
    void afterALeaseExpiresAnotherWorkerGetsTheJobAndTheFirstCannotWrite() {
        String id = jobs.submit();
        Attempt first = queue.claim("w1", null).orElseThrow();
        record.epoch(first, EPOCH);
        jobs.expireLease(id);
        lease.reclaimExpired();
        assertThatThrownBy(() -> record.epoch(first, EPOCH)).isInstanceOf(AttemptLostException.class);
        jobs.endBackoff(id);
        Attempt second = queue.claim("w2", null).orElseThrow();

        assertThat(second.number()).isEqualTo(2);
        assertThat(lease.renew(first)).isEqualTo(JobLease.Hold.LOST);
        assertThatThrownBy(() -> record.epoch(first, EPOCH)).isInstanceOf(AttemptLostException.class);
        assertThatThrownBy(() -> record.progress(first, EPOCH)).isInstanceOf(AttemptLostException.class);
        assertThatThrownBy(() -> record.log(first, "info", "late")).isInstanceOf(AttemptLostException.class);
        assertThatThrownBy(() -> record.failed(first, new JobError("x", "late")))
                .isInstanceOf(AttemptLostException.class);
        assertThatThrownBy(() -> lease.lost(first, new JobError("x", "late"), JobLease.Cause.TRAINER))
                .isInstanceOf(AttemptLostException.class);
        assertThatThrownBy(() -> record.announce(first, "checkpoints/late")).isInstanceOf(AttemptLostException.class);
        assertThatThrownBy(() -> record.succeeded(first, EPOCH, EPOCH, null, "mdl_late", null))
                .isInstanceOf(AttemptLostException.class);
        record.epoch(second, EPOCH);
        assertThat(jobs.get(id).get("metrics"))
                .as("an epoch that is repeated is the same")
                .hasSize(1);
        assertThat(jobs.eventTypes(id)).containsOnlyOnce("epoch");
        assertThat(jobs.status(id)).isEqualTo("running");
    }

    @Test
    void nothingIsWrittenToACancelledJob() {
        String id = jobs.submit();
        Attempt attempt = queue.claim("w1", null).orElseThrow();
        api.post("/api/v1/jobs/" + id + "/cancel");

        assertThat(lease.renew(attempt)).isEqualTo(JobLease.Hold.LOST);
        assertThatThrownBy(() -> record.epoch(attempt, EPOCH)).isInstanceOf(AttemptLostException.class);
        assertThat(jobs.status(id)).isEqualTo("cancelled");
    }

    @Test
    void eventsOfSeveralWritersAreNumberedWithoutAGap() throws Exception {
        String id = jobs.submit();
        Attempt attempt = queue.claim("w1", null).orElseThrow();
        ExecutorService writers = Executors.newFixedThreadPool(4);
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String line = "line " + i;
            tasks.add(() -> {
                record.log(attempt, "info", line);
                return null;
            });
        }
        for (Future<Void> written : writers.invokeAll(tasks)) {
            written.get();
        }
        writers.shutdown();

        JsonNode events = jobs.events(id);
        assertThat(events).hasSize(42);
        for (int i = 0; i < events.size(); i++) {
            assertThat(events.get(i).get("id").asInt()).isEqualTo(i + 1);
        }
    }
}
