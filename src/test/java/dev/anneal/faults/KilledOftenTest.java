package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.model.Zips;
import dev.anneal.testing.Client;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A job whose trainers are killed five seconds after their start, within the first and only epoch. Its model is tiny, so that
 * the start of a trainer and the end of the job take less than that. A trainer that has to share the processors lives until it
 * has had five seconds of them.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class KilledOftenTest {
    private static final Duration LIFE = Duration.ofSeconds(5);

    @Test
    void itFinishesInTheEnd() throws IOException {
        ScheduledExecutorService killer = Executors.newSingleThreadScheduledExecutor();
        try (Installation installation = new Installation()) {
            Client api = installation.api().client();
            ServerNode worker = installation.worker("worker").awaitReady();
            byte[] tiny = Zips.of(TestModels.tiny(installation.root.resolve("tiny")), "")
                    .bytes();
            assertThat(api.uploadTo("/api/v1/models", "tiny.zip", tiny, Map.of())
                            .status())
                    .isEqualTo(201);
            Map<String, String> split = Map.of("split", "{\"validation\":0.01,\"test\":0.01}");
            String dataset = api.upload("reviews.csv", reviews(6000), split).text("id");
            AtomicInteger kills = new AtomicInteger();
            String job = Submission.submit(
                    api,
                    dataset,
                    Map.of("epochs", 1, "batch_size", 2, "max_length", 16),
                    Map.of("base_model", "tiny", "max_attempts", 1, "checkpoints", Map.of("keep", 2)));
            killer.scheduleAtFixedRate(
                    () -> worker.trainer(job)
                            .filter(trainer -> hasLived(trainer.process()))
                            .ifPresent(trainer -> {
                                trainer.process().destroyForcibly();
                                kills.incrementAndGet();
                            }),
                    100,
                    100,
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

    private static byte[] reviews(int rows) {
        return IntStream.range(0, rows)
                .mapToObj(i -> "film number " + i + (i % 2 == 0 ? " is fine,positive" : " is dull,negative"))
                .collect(Collectors.joining("\n", "text,label\n", "\n"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static boolean hasLived(ProcessHandle process) {
        ProcessHandle.Info info = process.info();
        return info.startInstant()
                        .filter(start -> start.plus(LIFE).isBefore(Instant.now()))
                        .isPresent()
                && info.totalCpuDuration()
                        .filter(used -> used.compareTo(LIFE) > 0)
                        .isPresent();
    }
}
