package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import dev.anneal.worker.executor.RunningTrainer;
import dev.anneal.worker.executor.TrainerExecutor;
import dev.anneal.worker.executor.TrainerLostException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** A cluster that evicts the trainer of a first attempt, and whose API is unavailable during the second. */
@ServerTest
@Import(LostTrainerTest.Evicting.class)
@TestPropertySource(properties = {"anneal.executor=test", "anneal.worker.devices=cpu", "anneal.worker.backoff=10ms"})
class LostTrainerTest {
    @TestConfiguration
    static class Evicting {
        @Bean
        TrainerExecutor evictingCluster() {
            return (attempt, directory, slot) -> new Trainer(attempt.number());
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

    @Test
    void neitherAnEvictionNorAnOutageOfTheClusterIsTheJobsFault() {
        String dataset = api.upload("reviews.csv", Reviews.csv(20), Map.of()).text("id");
        String id = api.post(
                        "/api/v1/jobs",
                        "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\",\"max_attempts\":1}")
                .text("id");

        JsonNode job = api.await(id);

        assertThat(job.get("attempt").asInt()).isEqualTo(3);
        assertThat(job.get("error").get("message").asString()).startsWith("The training rows have nothing to learn.");
        assertThat(jobs.events(id).toString())
                .contains("trainer_killed", "Kubernetes evicted the trainer's pod: The node was low on memory")
                .contains("cluster_unavailable", "The Kubernetes API is unavailable: connection refused");
    }
}
