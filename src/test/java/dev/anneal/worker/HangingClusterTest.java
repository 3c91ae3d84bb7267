package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import dev.anneal.worker.executor.RunningTrainer;
import dev.anneal.worker.executor.TrainerExecutor;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Trainers in a cluster whose API hangs when they are asked to stop. */
@ServerTest
@Import(HangingClusterTest.HangingCluster.class)
@TestPropertySource(
        properties = {"anneal.executor=test", "anneal.worker.devices=cpu,cpu,cpu", "anneal.worker.lease=3s"})
class HangingClusterTest {
    private static final CountDownLatch clusterAnswers = new CountDownLatch(1);

    @TestConfiguration
    static class HangingCluster {
        @Bean
        TrainerExecutor hangingCluster() {
            return (attempt, directory, slot) -> new Hanging();
        }
    }

    private static final class Hanging implements RunningTrainer {
        @Override
        public int follow(BiConsumer<String, JsonNode> event, Consumer<String> logLine) {
            await();
            return 137;
        }

        @Override
        public void stop() {
            await();
        }

        @Override
        public void kill() {
            await();
        }

        @Override
        public List<String> tail() {
            return List.of();
        }

        private static void await() {
            try {
                clusterAnswers.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @AfterEach
    void answer() {
        clusterAnswers.countDown();
    }

    @Test
    void theLeaseOfAJobIsRenewedWhileTheTrainersOfOthersDoNotStop() {
        String dataset = api.upload("reviews.csv", Reviews.csv(20), Map.of()).text("id");
        String job = "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\"}";
        List<String> ids = List.of(submit(job), submit(job), submit(job));
        ids.forEach(id -> until(id, lease -> lease != null));
        api.post("/api/v1/jobs/" + ids.get(0) + "/pause");
        api.post("/api/v1/jobs/" + ids.get(1) + "/pause");

        OffsetDateTime lease = lease(ids.get(2));
        until(ids.get(2), now -> now != null && now.isAfter(lease.plusSeconds(4)));
        assertThat(api.get("/api/v1/jobs/" + ids.get(2)).json().get("attempt").asInt())
                .isEqualTo(1);
    }

    private String submit(String job) {
        return api.post("/api/v1/jobs", job).text("id");
    }

    private void until(String id, Predicate<OffsetDateTime> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> lease(id), condition::test);
    }

    private OffsetDateTime lease(String id) {
        return jdbc.sql("select lease_until from jobs where id = ?")
                .param(id)
                .query((row, i) -> row.getObject(1, OffsetDateTime.class))
                .list()
                .get(0);
    }
}
