package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.testing.Reviews;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The clocks of two workers are hours apart. Leases use the clock of the database. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class ClockSkewTest {
    @Test
    void aJobStaysWithAWorkerThatIsAliveAndMovesFromOneThatIsKilled() throws Exception {
        try (Installation installation = new Installation()) {
            Optional<Path> library = SkewedClock.compiled(installation.root);
            assumeTrue(library.isPresent(), "no C compiler, so no clock can be skewed");
            ServerNode api = installation.api();
            ServerNode late = installation.idleWorker("late").with(SkewedClock.environment(library.get(), -7200));
            ServerNode early = installation.idleWorker("early").with(SkewedClock.environment(library.get(), 7200));
            late.start().awaitReady();
            String dataset = api.client()
                    .upload("reviews.csv", Reviews.csv(100), Map.of())
                    .text("id");
            String job = Submission.submit(api.client(), dataset, Map.of("epochs", 500), Map.of());
            ServerNode.Trainer trainer = late.awaitTrainer(job);
            early.start().awaitReady();
            Submission.awaitStep(api.client(), job, 1, 3);
            assertThat(trainer.process().onExit()).failsWithin(Duration.ofSeconds(8)); // two leases

            assertThat(Instant.parse(late.output().substring(0, 20).replaceAll("\\..*", "Z")))
                    .isBefore(Instant.now().minusSeconds(3600));
            assertThat(api.client()
                            .get("/api/v1/jobs/" + job)
                            .json()
                            .get("attempt")
                            .asInt())
                    .isEqualTo(1);
            late.kill();
            long killed = System.nanoTime();
            assertThat(early.awaitTrainer(job).attempt()).isEqualTo(2);
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(60));
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> JobHistory.of(api.client(), job).resumedFrom().size() == 2);
            api.client().post("/api/v1/jobs/" + job + "/cancel");
        }
    }
}
