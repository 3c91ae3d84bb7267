package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.queue.JobLease;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.worker.TrainerFailure.Kind;
import dev.anneal.worker.executor.TrainerLostException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The failure that follows from the end of a trainer. */
class TrainerFailureTest {
    private static final String ADVICE = "Lower batch_size.";

    @Test
    void aKillCountsAsOutOfMemoryUnlessTheOomKillerDidNotRun() {
        TrainerFailure kernel = TrainerFailure.of(137, List.of("step 3"), true, ADVICE);
        assertThat(kernel.kind()).isEqualTo(Kind.MEMORY);
        assertThat(kernel.error().code()).isEqualTo("trainer_killed");
        assertThat(kernel.error().message()).contains("SIGKILL", "memory ran out", ADVICE, "step 3");

        TrainerFailure other = TrainerFailure.of(137, List.of(), false, ADVICE);
        assertThat(other.kind()).isEqualTo(Kind.KILL);
        assertThat(other.error().code()).isEqualTo("trainer_killed");
        assertThat(other.error().message())
                .isEqualTo(
                        "The trainer was killed with SIGKILL. The kernel's OOM killer did not run, so something else killed"
                                + " it.");
    }

    @Test
    void anOutageOfTheClusterCountsLikeAKill() {
        TrainerFailure outage = TrainerFailure.of(
                new TrainerLostException("The Kubernetes API is unavailable.", TrainerLostException.Loss.OUTAGE));

        assertThat(outage.cause()).isEqualTo(JobLease.Cause.KILL);
        assertThat(outage.error().code()).isEqualTo("cluster_unavailable");
        assertThat(outage.error().message()).isEqualTo("The Kubernetes API is unavailable.");
    }

    @Test
    void aFullHeapIsOutOfMemoryAndTheMessageSaysWhatToLower() {
        TrainerFailure failure = TrainerFailure.of(
                1, List.of("out of memory: Java heap space; use a smaller batch_size or max_length"), true, ADVICE);

        assertThat(failure.kind()).isEqualTo(Kind.MEMORY);
        assertThat(failure.error().code()).isEqualTo("out_of_memory");
        assertThat(failure.error().message()).contains(ADVICE);
    }

    @Test
    void aFullGpuIsOutOfMemoryAndTheMessageNamesTheDeviceAndWhatToLower() {
        TrainerFailure failure = TrainerFailure.of(
                1, List.of("Out of memory on the device cuda:3, which could not allocate 2.00 GiB."), true, ADVICE);

        assertThat(failure.kind()).isEqualTo(Kind.MEMORY);
        assertThat(failure.error().message())
                .startsWith("Out of memory on the device cuda:3, which could not allocate 2.00 GiB. " + ADVICE);
    }

    @Test
    void anErrorInWordsIsFinalAndAStackTraceIsRetried() {
        assertThat(TrainerFailure.of(1, List.of("training diverged: use a lower learning_rate"), true, ADVICE)
                        .kind())
                .isEqualTo(Kind.FINAL);
        assertThat(TrainerFailure.of(1, List.of("java.io.IOException: x", "\tat a.B.c(B.java:1)", "x"), true, ADVICE)
                        .kind())
                .isEqualTo(Kind.RETRY);
        assertThat(TrainerFailure.of(
                                WorkFiles.FAULT_EXIT_CODE,
                                List.of("java.lang.NullPointerException: x", "\tat a.B.c(B.java:1)", "x"),
                                true,
                                ADVICE)
                        .kind())
                .as("the trainer says that the fault would occur again")
                .isEqualTo(Kind.FINAL);
        assertThat(TrainerFailure.of(134, List.of(), true, ADVICE).kind()).isEqualTo(Kind.RETRY);
        assertThat(TrainerFailure.of(0, List.of(), true, ADVICE).kind()).isEqualTo(Kind.RETRY);
    }
}
