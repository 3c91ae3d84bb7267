package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.Jobs;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.training.event.TrainerEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class TrainerEventHandlerTest {
    @Autowired
    TestJobs testJobs;

    @Autowired
    JobQueue queue;

    @Autowired
    Jobs jobs;

    @Autowired
    TrainerEventHandler events;

    @Autowired
    MeterRegistry meters;

    private String id;
    private RunningAttempt run;

    @BeforeEach
    void claimAJob() {
        testJobs.deleteAll();
        id = testJobs.submit();
        run = new RunningAttempt(queue.claim("w1", null).orElseThrow(), Duration.ofMillis(10));
    }

    @AfterEach
    void deleteJobs() {
        testJobs.deleteAll();
    }

    @Test
    void aWarningOfATrainerIsAnEventOfItsJobAndIsCounted() {
        double before = meters.counter("anneal.training.warnings").count();

        log("info", "Nothing is wrong.");
        log("warn", "The checkpoint of step 24 could not be written: No space left on device.");

        assertThat(testJobs.events(id).toString()).contains("Nothing is wrong.", "No space left on device.");
        assertThat(meters.counter("anneal.training.warnings").count()).isEqualTo(before + 1);
    }

    private void log(String level, String message) {
        events.event(
                run,
                jobs.findById(id).orElseThrow(),
                Path.of("."),
                TrainerEvent.LOG,
                Json.MAPPER.createObjectNode().put("level", level).put("message", message));
    }
}
