package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.testing.Reviews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The kernel kills the trainer because its control group has too little memory. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class MemoryKillTest {
    private static final Path MEMORY = Path.of("/sys/fs/cgroup/memory");

    @Test
    void theJobFailsAfterTwoAttemptsAndTheErrorNamesTheEstimateAndWhatToLower() throws Exception {
        Path group = MEMORY.resolve("anneal-test-" + ProcessHandle.current().pid());
        assumeTrue(
                Files.isWritable(MEMORY) && Files.exists(MEMORY.resolve("memory.limit_in_bytes")),
                "a memory control group cannot be created here");
        try {
            Files.createDirectory(group);
            Files.writeString(group.resolve("memory.limit_in_bytes"), "60M");
        } catch (IOException refused) {
            assumeTrue(false, "a memory control group cannot be created here: " + refused);
        }
        try (Installation installation = new Installation()) {
            ServerNode api = installation.api();
            ServerNode worker = installation.worker("worker");
            String dataset = api.client()
                    .upload("reviews.csv", Reviews.csv(100), Map.of())
                    .text("id");
            String job = Submission.submit(
                    api.client(), dataset, Map.of("epochs", 50), Map.of("checkpoints", Map.of("every_steps", 100000)));
            confine(worker.awaitTrainer(job), group);
            ServerNode.Trainer second;
            do {
                second = worker.awaitTrainer(job);
            } while (second.attempt() < 2);
            confine(second, group);
            JobHistory history = Submission.awaitEnd(api.client(), job);

            assertThat(history.job().get("status").asString()).isEqualTo("failed");
            assertThat(history.attempts()).isEqualTo(2);
            assertThat(history.job().get("error").get("code").asString()).isEqualTo("trainer_killed");
            String message = history.job().get("error").get("message").asString();
            System.out.println(message);
            assertThat(message)
                    .contains(
                            "memory", "Its tensors alone need an estimated", "batch_size (now 8", "max_length (now 32");
        } finally {
            Files.deleteIfExists(group);
        }
    }

    private static void confine(ServerNode.Trainer trainer, Path group) throws IOException {
        Files.writeString(
                group.resolve("cgroup.procs"), String.valueOf(trainer.process().pid()));
    }
}
