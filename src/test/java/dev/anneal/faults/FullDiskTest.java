package dev.anneal.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.testing.Reviews;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The disk of the work directory fills up while a job trains. The test mounts a small one. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class FullDiskTest {
    private static final Map<String, ?> EPOCHS = Map.of("epochs", 4);

    @Test
    void aCheckpointThatCannotBeWrittenIsReportedAndTrainingContinues() throws Exception {
        try (Installation installation = new Installation()) {
            ServerNode api = installation.api();
            Path work = Files.createDirectories(api.data().resolve("work"));
            assumeTrue(
                    run("mount", "-t", "tmpfs", "-o", "size=900m", "tmpfs", work.toString()) == 0,
                    "a file system cannot be mounted here");
            ServerNode worker = installation.worker("worker");
            try {
                String dataset = api.client()
                        .upload("reviews.csv", Reviews.csv(120), Map.of())
                        .text("id");
                JobHistory undisturbed = Submission.awaitEnd(
                        api.client(), Submission.submit(api.client(), dataset, EPOCHS, Submission.FROZEN));
                undisturbed.assertWhole();
                String job = Submission.submit(api.client(), dataset, EPOCHS, Submission.FROZEN);
                Submission.awaitStep(api.client(), job, 1, 4);
                Path filler = work.resolve("filler");
                fill(filler);
                try {
                    Awaitility.await()
                            .atMost(Duration.ofMinutes(2))
                            .until(
                                    () -> JobHistory.of(api.client(), job)
                                            .data("log")
                                            .anyMatch(
                                                    log -> log.get("level")
                                                                    .asString()
                                                                    .equals("warn")
                                                            && log.get("message")
                                                                    .asString()
                                                                    .matches(
                                                                            "The checkpoint of step \\d+ could not be written: No space left on device\\. Training continues without it\\.")));
                    assertThat(worker.trainer(job)).isPresent();
                } finally {
                    Files.delete(filler);
                }
                worker.awaitTrainer(job).process().destroyForcibly();

                JobHistory history = Submission.awaitEnd(api.client(), job);
                history.assertWhole();
                history.assertEquals(undisturbed);
                history.data("log").map(log -> log.get("message")).forEach(System.out::println);
                history.assertResumedOnce();
            } finally {
                worker.close();
                run("umount", work.toString());
            }
        }
    }

    /** Writes until the disk is full. */
    private static void fill(Path filler) throws IOException {
        byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("space");
        }
    }

    static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
