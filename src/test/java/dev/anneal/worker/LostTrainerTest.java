package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.child.ChildJvm;
import dev.anneal.child.ProgramReplacedException;
import dev.anneal.child.TorchSettings;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.testing.TinyClassifier;
import dev.anneal.worker.executor.RunningTrainer;
import dev.anneal.worker.executor.TrainerExecutor;
import dev.anneal.worker.executor.TrainerLostException;
import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/**
 * A cluster that evicts the trainer of a first attempt, and whose API is unavailable during the second; and a program that is replaced
 * while its worker runs.
 */
@ServerTest
@Import(LostTrainerTest.Evicting.class)
@TestPropertySource(properties = {"anneal.executor=test", "anneal.worker.devices=cpu", "anneal.worker.backoff=10ms"})
class LostTrainerTest {
    @TestConfiguration
    static class Evicting {
        @Bean
        @Primary
        Program replaceable(DataDirectory data, TorchSettings torch) {
            return new Program(data, torch);
        }

        @Bean
        TrainerExecutor evictingCluster(Program program) {
            return (attempt, directory, slot) -> {
                program.check();
                return new Trainer(attempt.number());
            };
        }
    }

    /** A program that the test replaces. */
    static class Program extends ChildJvm {
        private volatile boolean exists = true;
        private volatile boolean wasMissed;

        Program(DataDirectory data, TorchSettings torch) {
            super(data, torch);
        }

        private void check() throws IOException {
            if (!exists) {
                wasMissed = true;
                throw new ProgramReplacedException("/opt/anneal.jar");
            }
        }

        @Override
        public List<String> command(String main, String heap, String... arguments) throws IOException {
            check();
            return super.command(main, heap, arguments);
        }

        @Override
        public boolean isProgramReplaced() {
            return wasMissed;
        }
    }

    private record Trainer(int attempt) implements RunningTrainer {
        @Override
        public int follow(BiConsumer<String, JsonNode> event, Consumer<String> logLine) throws IOException {
            return switch (attempt) {
                case 1 ->
                    throw new TrainerLostException("Kubernetes evicted the trainer's pod: The node was low on memory");
                case 2 ->
                    throw new TrainerLostException(
                            "The Kubernetes API is unavailable: connection refused", TrainerLostException.Loss.OUTAGE);
                default -> 1;
            };
        }

        @Override
        public void stop() {}

        @Override
        public void kill() {}

        @Override
        public List<String> tail() {
            return List.of("The training rows have nothing to learn.");
        }
    }

    @Autowired
    Api api;

    @Autowired
    TestJobs jobs;

    @Autowired
    ReadyModels ready;

    @Autowired
    Program program;

    @AfterEach
    void bringTheProgramBack() {
        program.exists = true;
        program.wasMissed = false;
    }

    @Test
    void aJobIsReleasedAndWaitsUntilTheWorkerIsRestartedIfTheProgramWasReplaced() {
        program.exists = false;
        String id = jobs.submit("\"max_attempts\":1");
        Awaitility.await().until(() -> jobs.statuses(id), List.of("queued", "running", "queued")::equals);

        assertThat(api.inAnOutage().get("/actuator/health/readiness").status()).isEqualTo(503);
        assertThat(new String(api.get("/actuator/prometheus").bytes())).contains("anneal_program_replaced 1.0");
        program.exists = true; // but the process does not know
        assertThat(jobs.status(id)).isEqualTo("queued");

        program.wasMissed = false;
        JsonNode job = api.await(id);
        assertThat(job.get("attempt").asInt()).isEqualTo(3);
        assertThat(job.get("error").get("message").asString()).startsWith("The training rows have nothing to learn.");
        assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(200);
    }

    @Test
    void aCallThatNeedsAnotherModelHostSaysThatTheProgramWasReplaced() {
        String model = ready.add("replaced/model", "default", TinyClassifier.directory())
                .getId();
        program.exists = false;

        var refused = api.inAnOutage().post("/api/v1/models/" + model + "/predict", "{\"inputs\": [\"good\"]}");

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("program_replaced");
    }

    @Test
    void neitherAnEvictionNorAnOutageOfTheClusterIsTheJobsFault() {
        String id = jobs.submit("\"max_attempts\":1");

        JsonNode job = api.await(id);

        assertThat(job.get("attempt").asInt()).isEqualTo(3);
        assertThat(job.get("error").get("message").asString()).startsWith("The training rows have nothing to learn.");
        assertThat(jobs.events(id).toString())
                .contains("trainer_killed", "Kubernetes evicted the trainer's pod: The node was low on memory")
                .contains("cluster_unavailable", "The Kubernetes API is unavailable: connection refused");
    }
}
