package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.job.queue.JobEvents;
import dev.anneal.testing.Api;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.DownloadLimit;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class JobHistoryTest {
    private static final int STEPS = 100_000;
    private static final int PEAK = 41_237;
    private static final int LOWEST = 77_771;

    @Autowired
    Api api;

    @Autowired
    TestJobs jobs;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    DataSource dataSource;

    @Autowired
    TransactionTemplate transactions;

    @Autowired
    JobEvents events;

    @Autowired
    DownloadLimit downloads;

    @Test
    void manyStepsAreThinnedAndNoPeakIsLost() {
        String job = jobs.submit();
        int before = jobs.events(job).size();
        jdbc.sql("""
                        insert into job_events (job_id, id, type, data)
                        select :job, :before + n, 'step', jsonb_build_object('step', n, 'epoch', 1, 'learning_rate', 0.001,
                            'examples_per_second', 10, 'train_loss',
                            case n when :peak then 50 when :lowest then 0.0001 else 1 + 1.0 / n end)
                        from generate_series(1, :steps) as n""")
                .param("job", job)
                .param("before", before)
                .param("peak", PEAK)
                .param("lowest", LOWEST)
                .param("steps", STEPS)
                .update();
        setLastEvent(job, before + STEPS);

        JsonNode history =
                api.get("/api/v1/jobs/" + job + "/history?points=500").json();

        assertThat(history.path("last_event").asInt()).isEqualTo(before + STEPS);
        // The page of a job asks for twice as many points, and reads no event before the last of them.
        assertThat(api.get("/api/v1/jobs/" + job + "/history?points=1000").bytes().length)
                .isLessThan(200_000);
        assertThat(api.get("/api/v1/jobs/" + job).bytes().length).isLessThan(20_000);
        assertThat(history.path("step_count").asInt()).isEqualTo(STEPS);
        List<Integer> steps = steps(history);
        assertThat(steps).hasSizeBetween(250, 500).isSorted().doesNotHaveDuplicates();
        assertThat(steps).contains(1, PEAK, LOWEST, STEPS);

        JobHistory sampled = new JobHistories(dataSource, events, 3, 20_000).of(job, "default", 500);
        assertThat(sampled.stepCount()).isCloseTo(STEPS, Percentage.withPercentage(1));
        List<Integer> some =
                sampled.steps().stream().map(JobHistory.Point::step).toList();
        assertThat(some)
                .hasSizeBetween(250, 500)
                .isSorted()
                .doesNotHaveDuplicates()
                .contains(1, STEPS);
        assertThat(some.get(250)).isCloseTo(STEPS / 2, Percentage.withPercentage(20));
    }

    @Test
    void aSampleOfManyStepsHasTheLastReportsOfRepeatedOnes() {
        String job = jobs.submit();
        int before = jobs.events(job).size();
        jdbc.sql("""
                        insert into job_events (job_id, id, type, data)
                        select :job, :before + n, 'step', jsonb_build_object('step', case when n <= 600 then n else n - 300 end,
                            'epoch', 1, 'learning_rate', 0.001, 'examples_per_second', 10, 'train_loss', case when n <= 600 then 1 else 2 end)
                        from generate_series(1, 800) as n""").param("job", job).param("before", before).update();
        setLastEvent(job, before + 800);

        JobHistory sampled = new JobHistories(dataSource, events, 3, 200).of(job, "default", 2000);

        assertThat(sampled.steps()).hasSizeBetween(25, 50);
        assertThat(sampled.steps())
                .filteredOn(point -> point.step() <= 300 || point.step() > 320) // the sample has one report of about 17
                .allSatisfy(point -> assertThat(point.trainLoss())
                        .as("step %d", point.step())
                        .isEqualTo(point.step() > 300 && point.step() <= 500 ? 2 : 1));
    }

    @Test
    void aRepeatedStepCountsOnceAndStepsOfOtherModelsDoNotCount() {
        String job = jobs.submit();
        int before = jobs.events(job).size();
        for (String step : List.of(
                "1, \"train_loss\": 3",
                "2, \"train_loss\": 2",
                "2, \"train_loss\": 1.5",
                "3, \"train_loss\": 9, \"phase\": \"fold 1 of 5\"")) {
            jdbc.sql("insert into job_events (job_id, id, type, data) values (?, ?, 'step', ?::jsonb)")
                    .params(
                            job,
                            ++before,
                            "{\"step\": " + step
                                    + ", \"epoch\": 1, \"learning_rate\": 0.1, \"examples_per_second\": 5}")
                    .update();
        }
        setLastEvent(job, before);

        JsonNode history = api.get("/api/v1/jobs/" + job + "/history").json();

        assertThat(steps(history)).containsExactly(1, 2);
        assertThat(history.path("steps").get(1).path("train_loss").asDouble()).isEqualTo(1.5);
        assertThat(history.path("step_count").asInt()).isEqualTo(2);
        assertThat(history.path("log").get(0).path("data").path("status").asString())
                .isEqualTo("queued");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9", "2001", "-1", "many"})
    void aNumberOfPointsOutOfRangeIsRefused(String points) {
        String job = jobs.submit();

        assertThat(api.get("/api/v1/jobs/" + job + "/history?points=" + points).status())
                .isIn(400, 422);
    }

    @Test
    void readingTakesAPlaceAmongTheDownloadsOfTheProject() throws Exception {
        String job = jobs.submit();
        List<StreamingResponseBody> running = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            running.add(downloads.count("default", out -> {}));
        }

        assertThat(api.get("/api/v1/jobs/" + job + "/history").code()).isEqualTo("too_many_downloads");
        for (StreamingResponseBody download : running) {
            download.writeTo(OutputStream.nullOutputStream());
        }
        assertThat(api.get("/api/v1/jobs/" + job + "/history").status()).isEqualTo(200);
    }

    @Test
    void aStatementThatTakesLongIsEnded() {
        String job = jobs.submit();
        JobHistories impatient = new JobHistories(dataSource, events, 1, 100);

        transactions.executeWithoutResult(locked -> {
            jdbc.sql("lock table job_events in access exclusive mode").update();
            assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> impatient.of(job, "default", 100))
                            .join())
                    .cause()
                    .isInstanceOfSatisfying(
                            Problem.class, problem -> assertThat(problem.code()).isEqualTo("history_too_slow"));
        });

        assertThat(impatient.of(job, "default", 100).stepCount()).isZero();
    }

    private void setLastEvent(String job, int event) {
        jdbc.sql("update jobs set last_event = ? where id = ?")
                .params(event, job)
                .update();
    }

    private static List<Integer> steps(JsonNode history) {
        return history.path("steps")
                .valueStream()
                .map(point -> point.path("step").asInt())
                .toList();
    }
}
