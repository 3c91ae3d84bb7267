package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A job whose trainer is killed every five seconds from its start, within its first and only epoch. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class KilledOftenTest {
    private static final Duration PERIOD = Duration.ofSeconds(5);

    @Test
    void itFinishesInTheEnd() {
        ScheduledExecutorService killer = Executors.newSingleThreadScheduledExecutor();
        try (Installation installation = new Installation()) {
            Client api = installation.api().client();
            ServerNode worker = installation.worker("worker").awaitReady();
            String dataset =
                    api.upload("reviews.csv", Reviews.csv(1500), Map.of()).text("id");
            AtomicInteger kills = new AtomicInteger();
            String job = Submission.submit(
                    api,
                    dataset,
                    Map.of("epochs", 1),
                    Map.of(
                            "max_attempts",
                            3,
                            "checkpoints",
                            Map.of("keep", 2),
                            "method",
                            Submission.FROZEN.get("method")));
            killer.scheduleAtFixedRate(
                    () -> worker.trainer(job).ifPresent(trainer -> {
                        trainer.process().destroyForcibly();
                        kills.incrementAndGet();
                    }),
                    PERIOD.toMillis(),
                    PERIOD.toMillis(),
                    TimeUnit.MILLISECONDS);
            JobHistory history = Submission.awaitEnd(api, job);

            System.out.printf(
                    "%d kills, %d attempts, resumed from the steps %s%n",
                    kills.get(), history.attempts(), history.resumedFrom());
            history.assertWhole();
            assertThat(kills.get()).isGreaterThanOrEqualTo(2);
        } finally {
            killer.shutdownNow();
        }
    }
}
