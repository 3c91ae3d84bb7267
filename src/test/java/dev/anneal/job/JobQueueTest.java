package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
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
    JobQueue queue;

    @Autowired
    JobLease lease;

    @Autowired
    JobRecord record;

    @Autowired
    JdbcClient jdbc;

    String dataset;

    @BeforeEach
    void emptyQueue() {
        jdbc.sql("delete from jobs").update();
        dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
    }

    @Test
    void theOldestJobIsClaimedFirstAndNoneTwice() {
        String first = submit();
        String second = submit();

        assertThat(queue.claim("w1")).map(Attempt::jobId).contains(first);
        assertThat(queue.claim("w2")).map(Attempt::jobId).contains(second);
        assertThat(queue.claim("w3")).isEmpty();
        assertThat(job(first).get("status").asString()).isEqualTo("running");
    }

    @Test
    void manyWorkersShareTheQueueWithoutOneJobTakenTwice() throws Exception {
        List<String> submitted = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            submitted.add(submit());
        }
        ExecutorService workers = Executors.newFixedThreadPool(8);
        List<Callable<List<String>>> tasks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "w" + i;
            tasks.add(() -> {
                List<String> mine = new ArrayList<>();
                for (Optional<Attempt> a = queue.claim(name); a.isPresent(); a = queue.claim(name)) {
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
    void aLeaseThatRanOutGivesTheJobToAnotherWorkerAndTheFirstCanWriteNoMore() {
        String id = submit();
        Attempt first = queue.claim("w1").orElseThrow();
        record.epoch(first, EPOCH);
        expire(id);
        lease.takeBack();
        assertThatThrownBy(() -> record.epoch(first, EPOCH)).isInstanceOf(AttemptLost.class);
        due(id);
        Attempt second = queue.claim("w2").orElseThrow();

        assertThat(second.number()).isEqualTo(2);
        assertThat(lease.renew(first)).isEqualTo(JobLease.Hold.GONE);
        assertThatThrownBy(() -> record.epoch(first, EPOCH)).isInstanceOf(AttemptLost.class);
        assertThatThrownBy(() -> record.progress(first, EPOCH)).isInstanceOf(AttemptLost.class);
        assertThatThrownBy(() -> record.log(first, "info", "late")).isInstanceOf(AttemptLost.class);
        assertThatThrownBy(() -> record.failed(first, new JobError("x", "late")))
                .isInstanceOf(AttemptLost.class);
        assertThatThrownBy(() -> lease.lost(first, new JobError("x", "late"), false))
                .isInstanceOf(AttemptLost.class);
        assertThatThrownBy(() -> record.announce(first, "checkpoints/late")).isInstanceOf(AttemptLost.class);
        assertThatThrownBy(() -> record.succeeded(first, EPOCH, EPOCH, null, "mdl_late"))
                .isInstanceOf(AttemptLost.class);
        record.epoch(second, EPOCH);
        assertThat(job(id).get("metrics"))
                .as("an epoch that is repeated is the same")
                .hasSize(1);
        assertThat(types(id)).containsOnlyOnce("epoch");
        assertThat(job(id).get("status").asString()).isEqualTo("running");
    }

    @Test
    void nothingIsWrittenIntoACancelledJob() {
        String id = submit();
        Attempt attempt = queue.claim("w1").orElseThrow();
        api.post("/api/v1/jobs/" + id + "/cancel");

        assertThat(lease.renew(attempt)).isEqualTo(JobLease.Hold.GONE);
        assertThatThrownBy(() -> record.epoch(attempt, EPOCH)).isInstanceOf(AttemptLost.class);
        assertThat(job(id).get("status").asString()).isEqualTo("cancelled");
    }

    @Test
    void eventsAreNumberedWithoutAGapWhoeverWritesThem() throws Exception {
        String id = submit();
        Attempt attempt = queue.claim("w1").orElseThrow();
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

        JsonNode events =
                api.get("/api/v1/jobs/" + id + "/events?limit=100").json().get("data");
        assertThat(events).hasSize(42);
        for (int i = 0; i < events.size(); i++) {
            assertThat(events.get(i).get("id").asInt()).isEqualTo(i + 1);
        }
    }

    private String submit() {
        return api.post("/api/v1/jobs", "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\"}")
                .text("id");
    }

    private JsonNode job(String id) {
        return api.get("/api/v1/jobs/" + id).json();
    }

    private List<String> types(String id) {
        return api.get("/api/v1/jobs/" + id + "/events?limit=100")
                .json()
                .get("data")
                .valueStream()
                .map(event -> event.get("type").asString())
                .toList();
    }

    /** As if the wait after a lost attempt were over. */
    private void due(String id) {
        jdbc.sql("update jobs set next_attempt_at = now() where id = ?")
                .param(id)
                .update();
    }

    /** As if the worker had been silent for longer than its lease. */
    private void expire(String id) {
        jdbc.sql("update jobs set lease_until = now() - interval '1 second' where id = ?")
                .param(id)
                .update();
    }
}
