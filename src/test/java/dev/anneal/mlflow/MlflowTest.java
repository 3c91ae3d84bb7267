package dev.anneal.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.AttemptWriter;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import dev.anneal.mlflow.PretendMlflow.Fault;
import dev.anneal.mlflow.PretendMlflow.Run;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Jobs whose worker is the test, and what a tracking server receives of them. Users may not name its private address. */
@ServerTest
@TestPropertySource(
        properties = {
            "anneal.roles=api",
            "anneal.mlflow.experiment=tuning",
            "anneal.mlflow.token=secret",
            "anneal.mlflow.poll=20ms",
            "anneal.mlflow.backoff=5ms",
            "anneal.mlflow.max-backoff=20ms"
        })
class MlflowTest {
    private static final PretendMlflow MLFLOW = new PretendMlflow();

    @Autowired
    private TestJobs jobs;

    @Autowired
    private JobQueue queue;

    @Autowired
    private AttemptWriter writer;

    @Autowired
    private MlflowRuns runs;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Api api;

    @DynamicPropertySource
    static void address(DynamicPropertyRegistry properties) {
        properties.add("anneal.mlflow.uri", MLFLOW::url);
    }

    @AfterAll
    static void close() {
        MLFLOW.close();
    }

    @BeforeEach
    void deleteJobs() {
        jobs.deleteAll();
        MLFLOW.answerWell();
    }

    private Attempt begin(String job) {
        Attempt attempt = queue.claim("wrk_test/slot-0", null).orElseThrow();
        assertThat(attempt.jobId()).isEqualTo(job);
        writer.started(attempt, JobKind.training, "fp32", Json.MAPPER.createObjectNode());
        return attempt;
    }

    private void step(Attempt attempt, int step) {
        writer.progress(attempt, Json.MAPPER.readTree("""
                {"epoch": 1, "epochs": 1, "step": %d, "steps": 3, "train_loss": %s, "learning_rate": 0.001,
                 "examples_per_second": 10.0, "eta_seconds": 1.0, "percent": 30.0}""".formatted(step, 1.0 / step)));
    }

    private void finish(Attempt attempt) {
        writer.epoch(attempt, Json.MAPPER.readTree("""
                        {"epoch": 1, "step": 3, "train_loss": 0.5, "validation_loss": 0.4, "learning_rate": 0.001,
                         "examples_per_second": 10.0, "seconds": 2.0}"""));
        writer.succeeded(
                attempt,
                Json.MAPPER.readTree("{\"epoch\": 1, \"metric\": \"accuracy\", \"value\": 0.8}"),
                Json.MAPPER.readTree("{\"accuracy\": 0.75, \"loss\": 0.5, \"examples\": 6}"),
                "{\"task\": \"text-classification\"}",
                "mdl_1",
                null);
    }

    private Run awaitRun(String job, String status) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> MLFLOW.runsOf(job).stream().anyMatch(run -> run.status.equals(status)));
        assertThat(MLFLOW.runsOf(job)).hasSize(1);
        return MLFLOW.runsOf(job).get(0);
    }

    private void awaitStatus(String job, String status) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> jdbc.sql("select status from mlflow_runs where job_id = ?")
                        .param(job)
                        .query(String.class)
                        .single()
                        .equals(status));
    }

    @Test
    void aJobIsARunWithItsParametersMetricsReportAndModel() {
        String job = jobs.submit("\"name\": \"reviews\"", "\"hyperparameters\": {\"epochs\": 1, \"seed\": 7}");
        awaitRun(job, "SCHEDULED");
        Attempt attempt = begin(job);
        for (int step = 1; step <= 3; step++) {
            step(attempt, step);
        }
        Run running = awaitRun(job, "RUNNING");
        Awaitility.await().until(() -> running.values("train_loss").size() == 3);
        finish(attempt);

        Run run = awaitRun(job, "FINISHED");
        awaitStatus(job, "done");
        assertThat(run.parameters)
                .containsEntry("hyperparameters.epochs", "1")
                .containsEntry("hyperparameters.seed", "7")
                .containsEntry("base_model", "all-MiniLM-L6-v2");
        assertThat(run.values("train_loss")).containsExactly(1.0, 0.5, 1.0 / 3);
        assertThat(run.values("epoch/validation_loss")).containsExactly(0.4);
        assertThat(run.values("test_accuracy")).containsExactly(0.75);
        assertThat(run.metrics)
                .allSatisfy(
                        metric -> assertThat(metric.path("timestamp").asLong()).isPositive());
        assertThat(run.tags)
                .containsEntry("anneal.model", "mdl_1")
                .containsEntry("anneal.status", "succeeded")
                .containsEntry("anneal.project", "default");
        JsonNode report = Json.MAPPER.readTree(run.files.get("report.json"));
        assertThat(report.path("task").asString()).isEqualTo("text-classification");
        assertThat(report.path("job").asString()).isEqualTo(job);
        assertThat(report.path("learning_curve").isObject()).isTrue();
        assertThat(run.repeated).isZero();
        assertThat(MLFLOW.authorizations()).isNotEmpty().containsOnly("Bearer secret");
    }

    @Test
    void usersCannotNameTheServerAsASource() {
        Answer refused = api.uploadTo(
                "/api/v1/datasets", List.of(), Map.of("source", MLFLOW.url().replace("http:", "https:")));

        assertThat(refused.code()).isEqualTo("address_refused");
    }

    @Test
    void anOutageOfTheServerLosesNothingAndRepeatsNothing() {
        MLFLOW.answerWith(
                Fault.UNAVAILABLE, Fault.LOST_ANSWER, Fault.LOST_ANSWER, Fault.UNAVAILABLE, Fault.LOST_ANSWER);
        String job = jobs.submit();
        Attempt attempt = begin(job);
        for (int step = 1; step <= 3; step++) {
            step(attempt, step);
            MLFLOW.answerWith(Fault.UNAVAILABLE, Fault.LOST_ANSWER);
        }
        MLFLOW.answerWith(Fault.LOST_ANSWER, Fault.LOST_ANSWER, Fault.LOST_ANSWER);
        finish(attempt);

        Run run = awaitRun(job, "FINISHED");
        awaitStatus(job, "done");
        assertThat(MLFLOW.runsOf(job)).hasSize(1);
        assertThat(run.values("train_loss")).containsExactly(1.0, 0.5, 1.0 / 3);
        assertThat(run.values("test_accuracy")).containsExactly(0.75);
        assertThat(jobs.status(job)).isEqualTo("succeeded");
    }

    @Test
    void aCallThatIsRefusedEndsTheReportAndNotTheJob() {
        String job = jobs.submit();
        awaitRun(job, "SCHEDULED");
        MLFLOW.answerWith(Fault.INVALID);
        Attempt attempt = begin(job);
        awaitStatus(job, "failed");
        step(attempt, 1);
        finish(attempt);

        assertThat(jobs.status(job)).isEqualTo("succeeded");
        assertThat(jdbc.sql("select error from mlflow_runs where job_id = ?")
                        .param(job)
                        .query(String.class)
                        .single())
                .contains("400", "INVALID_PARAMETER_VALUE");
        assertThat(new String(api.get("/actuator/prometheus").bytes()))
                .contains("anneal_mlflow_reports_total{outcome=\"failed\"}", "anneal_mlflow_pending");
    }

    @Test
    void aClaimThatAnotherProcessHasTakenWritesNothing() {
        String job = jobs.submit();
        awaitRun(job, "SCHEDULED");
        Awaitility.await()
                .until(() -> jdbc.sql("select lease_until is null from mlflow_runs where job_id = ?")
                        .param(job)
                        .query(Boolean.class)
                        .single());
        MlflowRuns.Claim late = new MlflowRuns.Claim(job, "run", 0, 0, 0, 0);

        assertThat(runs.sent(late, 99)).isFalse();
        runs.done(late);
        runs.failed(late, "late");

        assertThat(jdbc.sql("select status from mlflow_runs where job_id = ? and last_event < 99")
                        .param(job)
                        .query(String.class)
                        .list())
                .isEqualTo(List.of("pending"));
    }
}
