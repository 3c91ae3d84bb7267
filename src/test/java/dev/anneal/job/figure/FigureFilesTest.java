package dev.anneal.job.figure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.AttemptWriter;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.JobLease;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class FigureFilesTest {
    @Autowired
    private Api api;

    @Autowired
    private TestJobs jobs;

    @Autowired
    private JobQueue queue;

    @Autowired
    private JobLease lease;

    @Autowired
    private AttemptWriter writer;

    @BeforeEach
    void deleteJobs() {
        jobs.deleteAll();
    }

    private Attempt begin() {
        Attempt attempt = queue.claim("wrk_test/slot-0", null).orElseThrow();
        writer.started(attempt, JobKind.training, "fp32", Json.MAPPER.createObjectNode());
        return attempt;
    }

    private void step(Attempt attempt, String phase, int step, double loss) {
        writer.progress(attempt, Json.MAPPER.readTree("""
                {%s "epoch": 1, "epochs": 2, "step": %d, "steps": 4, "train_loss": %s, "learning_rate": 0.001,
                 "examples_per_second": 10.0, "eta_seconds": 1.0, "percent": 30.0}""".formatted(
                        phase.isEmpty() ? "" : "\"phase\": \"" + phase + "\",", step, loss)));
    }

    @Test
    void metricsAreALineForEachFigureWithItsAttempt() {
        String job = jobs.submit();
        Attempt first = begin();
        step(first, "fold 1 of 2", 1, 0.9);
        step(first, "", 1, 0.75);
        lease.release(first);
        Attempt second = begin();
        step(second, "", 1, 0.75);
        writer.validation(
                second,
                Json.MAPPER.readTree("{\"epoch\": 1, \"step\": 1, \"within_epoch\": true, \"train_loss\": 0.75}"));
        writer.epoch(
                second,
                Json.MAPPER.readTree("{\"epoch\": 1, \"step\": 2, \"train_loss\": 0.5, \"validation_loss\": null}"));

        Answer answer = api.get("/api/v1/jobs/" + job + "/metrics.csv");

        List<String> lines = new String(answer.bytes(), UTF_8).lines().toList();
        assertThat(lines.get(0)).isEqualTo("time,attempt,type,epoch,step,name,value");
        assertThat(lines.subList(1, lines.size()))
                .map(line -> line.replaceFirst("^[^,]*,", ""))
                .filteredOn(line -> line.contains("loss"))
                .containsExactly(
                        "1,step,1,1,fold 1 of 2/train_loss,0.9",
                        "1,step,1,1,train_loss,0.75",
                        "2,step,1,1,train_loss,0.75",
                        "2,validation,1,1,epoch/train_loss,0.75",
                        "2,epoch,1,2,epoch/train_loss,0.5");
        assertThat(lines).noneMatch(line -> line.contains("eta_seconds") || line.contains("percent"));
        assertThat(answer.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"" + job + "-metrics.csv\"");
    }

    @Test
    void anEventFileHasARecordForEachStep() {
        String job = jobs.submit();
        Attempt attempt = begin();
        step(attempt, "", 1, 0.75);
        step(attempt, "", 2, 0.5);

        Answer answer = api.get("/api/v1/jobs/" + job + "/tensorboard");

        String file = new String(answer.bytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(file).contains("brain.Event:2");
        assertThat(file.split("train_loss", -1)).hasSize(3);
        assertThat(answer.headers().firstValue("Content-Disposition").orElseThrow())
                .startsWith("attachment; filename=\"events.out.tfevents.")
                .endsWith("." + job + "\"");
    }

    @Test
    void aJobWithoutStepsHasAFileWithoutFigures() {
        String job = jobs.submit();

        assertThat(new String(api.get("/api/v1/jobs/" + job + "/metrics.csv").bytes(), UTF_8))
                .isEqualTo("time,attempt,type,epoch,step,name,value\r\n");
        assertThat(api.get("/api/v1/jobs/" + job + "/tensorboard").bytes()).hasSize(40);
        assertThat(api.get("/api/v1/jobs/job_none/metrics.csv").code()).isEqualTo("not_found");
    }
}
