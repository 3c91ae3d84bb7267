package dev.anneal.job.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Which job is claimed next, and what a queued job tells of that. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class JobClaimTest {
    private static final int THREADS = 8;
    private static final String PROGRESS = """
            {"epoch": 1, "epochs": 2, "step": 1, "steps": 10, "percent": 10, "train_loss": 0.7, "learning_rate": 0.1,
             "eta_seconds": 90, "examples_per_second": 9}""";

    @Autowired
    Api api;

    @Autowired
    TestJobs jobs;

    @Autowired
    JobQueue queue;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    DataSource dataSource;

    @BeforeEach
    void emptyQueue() {
        jobs.deleteAll();
    }

    @AfterEach
    void onlyTheDefaultProject() {
        jobs.deleteAll();
    }

    @Test
    void eightWorkersClaimEachOfAThousandJobsOnce() throws Exception {
        queued(1000, "default", 0);

        List<String> claimed = inParallel(() -> claimAll("w"));

        assertThat(claimed).hasSize(1000).doesNotHaveDuplicates();
        assertThat(count("status = 'running' and attempt = 1 and last_event = 1"))
                .isEqualTo(1000);
    }

    @Test
    void aProjectNeverRunsMoreJobsThanItsLimit() throws Exception {
        project("small", 1, 3);
        queued(200, "small", 0);
        AtomicLong most = new AtomicLong();
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();

        List<String> ended = inParallel(() -> {
            List<String> mine = new ArrayList<>();
            while (count("status = 'queued'") > 0) {
                queue.claim("w", null).ifPresent(attempt -> {
                    mine.add(attempt.jobId());
                    long running;
                    do { // a job ends only when the limit is reached, so that every further claim is one too many
                        running = count("status = 'running'");
                        most.accumulateAndGet(running, Math::max);
                    } while (running < 3 && count("status = 'queued'") > 0 && System.nanoTime() < deadline);
                    jdbc.sql("update jobs set status = 'succeeded', finished_at = now() where id = ?")
                            .param(attempt.jobId())
                            .update();
                });
            }
            return mine;
        });

        assertThat(ended).hasSize(200).doesNotHaveDuplicates();
        assertThat(most).as("jobs that ran at the same time").hasValue(3);
    }

    @Test
    void aLimitHoldsForClaimsAtTheSameTime() throws Exception {
        project("small", 1, 3);
        queued(50, "small", 0);

        assertThat(inParallel(() -> claimAll("w"))).hasSize(3);
    }

    @Test
    void aQueuedJobSaysIfThereIsNoWorkerOrItsProjectHasReachedItsLimit() {
        String id = submit(0);
        jdbc.sql("update projects set max_running_jobs = 0").update();

        assertThat(place(id).get("reason").asString()).isEqualTo("no_worker");
        worker("w1", null);
        assertThat(place(id).get("reason").asString()).isEqualTo("project_limit");
        assertThat(queue.claim("w1/slot-0", null)).isEmpty();
        jdbc.sql("update projects set max_running_jobs = 1").update();
        assertThat(place(id).get("reason").asString()).isEqualTo("starting");
    }

    @Test
    void aHigherPriorityGoesFirstThenTheOldest() {
        String low = submit(-5);
        String old = submit(0);
        String young = submit(0);
        String high = submit(100);

        assertThat(claimAll("w")).containsExactly(high, old, young, low);
    }

    @Test
    void aProjectOfTwiceTheWeightRunsTwiceAsMany() {
        project("heavy", 2, null);
        project("light", 1, null);
        queued(60, "light", 0);
        queued(60, "heavy", 0);

        for (int i = 0; i < 30; i++) {
            assertThat(queue.claim("w", null)).isPresent();
        }

        assertThat(count("status = 'running' and project = 'heavy'")).isEqualTo(20);
        assertThat(count("status = 'running' and project = 'light'")).isEqualTo(10);
    }

    @Test
    void aProjectWithoutRunningJobsComesBeforeOneWithOlderJobs() {
        project("late", 1, null);
        queued(5, "default", 0);
        assertThat(queue.claim("w", null)).isPresent();
        queued(1, "late", 0);

        assertThat(queue.claim("w", null).orElseThrow().jobId()).startsWith("job_late");
    }

    @Test
    void aJobWaitsForItsNextAttemptByTheDatabasesClock() {
        String lost = submit(10);
        String next = submit(0);
        jdbc.sql("update jobs set next_attempt_at = now() + interval '1 hour' where id = ?")
                .param(lost)
                .update();
        worker("w1", null);

        assertThat(place(lost).get("reason").asString()).isEqualTo("backoff");
        assertThat(claimAll("w1/slot-0")).containsExactly(next);
        jdbc.sql("update jobs set next_attempt_at = now() where id = ?")
                .param(lost)
                .update();
        assertThat(claimAll("w1/slot-0")).containsExactly(lost);
    }

    @Test
    void aSlotClaimsOnlyJobsThatFitAndAJobThatFitsNoSlotSaysSo() {
        String large = submit(10);
        String small = submit(0);
        jdbc.sql("update jobs set memory_bytes = 1000 where id = ?")
                .param(small)
                .update();
        long memory = jobs.get(large).get("memory_bytes").asLong();
        worker("w1", memory - 1);

        JsonNode place = place(large);
        assertThat(place.get("reason").asString()).isEqualTo("too_large");
        assertThat(place.get("message").asString()).contains("batch_size");
        assertThat(place.get("expected_start_at").isNull()).isTrue();
        assertThat(queue.claim("w1/slot-0", memory - 1)).map(Attempt::jobId).contains(small);
        assertThat(queue.claim("w1/slot-0", memory - 1)).isEmpty();
        assertThat(queue.claim("w2/slot-0", memory)).map(Attempt::jobId).contains(large);
    }

    @Test
    void aQueuedJobShowsItsPlaceAndExpectedStartAlsoInLists() {
        worker("w1", null);
        String running = submit(0);
        queue.claim("w1/slot-0", null).orElseThrow();
        jdbc.sql("update jobs set progress = ?::jsonb where id = ?")
                .params(PROGRESS, running)
                .update();
        String second = submit(0);
        String first = submit(1);

        assertThat(jobs.get(running).get("queue").isNull()).isTrue();
        assertThat(place(first).get("position").asInt()).isEqualTo(1);
        assertThat(place(first).get("reason").asString()).isEqualTo("no_free_slot");
        assertThat(place(first).get("expected_start_at").isNull()).isFalse();
        assertThat(place(second).get("position").asInt()).isEqualTo(2);
        assertThat(place(second).get("expected_start_at").isNull())
                .as("no job has told yet how long one takes")
                .isTrue();
        JsonNode listed = api.get("/api/v1/jobs").json().get("data");
        assertThat(listed.get(0).get("queue").get("position").asInt()).isEqualTo(1);
        assertThat(listed.get(1).get("queue").get("position").asInt()).isEqualTo(2);
        assertThat(listed.get(2).get("queue").isNull()).isTrue();
    }

    @Test
    void aDrainedWorkerClaimsNothing() {
        worker("w1", null);
        String job = submit(0);
        api.post("/api/v1/workers/w1/drain");

        assertThat(queue.claim("w1/slot-0", null)).isEmpty();
        api.post("/api/v1/workers/w1/undrain");
        assertThat(queue.claim("w1/slot-0", null)).map(Attempt::jobId).contains(job);
    }

    @Test
    void aJobThatIsBeingCancelledIsSkipped() throws Exception {
        String first = submit(0);
        String second = submit(0);
        try (var elsewhere = dataSource.getConnection()) {
            elsewhere.setAutoCommit(false);
            elsewhere.createStatement().execute("select from jobs where id = '" + first + "' for update");

            assertThat(queue.claim("w", null)).map(Attempt::jobId).contains(second);
            elsewhere.rollback();
        }
        assertThat(queue.claim("w", null)).map(Attempt::jobId).contains(first);
    }

    @Test
    void aPriorityOutOfRangeIsRefused() {
        assertThat(jobs.post("\"priority\":101").code()).isEqualTo("out_of_range");
        assertThat(jobs.post("\"priority\":-101").detail()).contains("priority");
        assertThat(jobs.post("\"priority\":1.5").status()).isEqualTo(422);
        assertThat(jobs.post("\"priority\":null").json().get("priority").asInt())
                .isZero();
    }

    private List<String> claimAll(String worker) {
        List<String> mine = new ArrayList<>();
        for (Optional<Attempt> a = queue.claim(worker, null); a.isPresent(); a = queue.claim(worker, null)) {
            mine.add(a.get().jobId());
        }
        return mine;
    }

    private static List<String> inParallel(Callable<List<String>> task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<String> all = new ArrayList<>();
            for (Future<List<String>> future : threads.invokeAll(java.util.Collections.nCopies(THREADS, task))) {
                all.addAll(future.get());
            }
            return all;
        } finally {
            threads.shutdown();
        }
    }

    private String submit(int priority) {
        return jobs.submit("\"priority\":" + priority);
    }

    private void queued(int count, String project, int priority) {
        jdbc.sql("""
                        insert into jobs (id, name, spec, metadata, status, created_at, project, priority)
                        select 'job_' || :project || '_' || lpad(n::text, 5, '0'), 'n', '{}', '{}', 'queued', now(),
                            :project, :priority
                        from generate_series(1, :jobs) n""")
                .param("project", project)
                .param("priority", priority)
                .param("jobs", count)
                .update();
    }

    private void project(String id, double weight, Integer limit) {
        jdbc.sql("insert into projects (id, name, weight, max_running_jobs) values (?, 'a project', ?, ?)")
                .params(id, weight, limit)
                .update();
    }

    private void worker(String id, Long memory) {
        jdbc.sql("insert into workers (id, host, version, devices, slots) values (?, 'here', 'test', ?::jsonb, 1)")
                .params(id, "[{\"slot\": \"slot-0\", \"device\": \"cpu\", \"memory_bytes\": %s}]".formatted(memory))
                .update();
    }

    private JsonNode place(String id) {
        return jobs.get(id).get("queue");
    }

    private long count(String condition) {
        return jdbc.sql("select count(*) from jobs where " + condition)
                .query(Long.class)
                .single();
    }
}
