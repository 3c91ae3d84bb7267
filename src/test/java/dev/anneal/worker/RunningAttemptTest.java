package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.queue.Attempt;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The meaning that an attempt gives to the exit code of its trainer. */
class RunningAttemptTest {
    private final RunningAttempt run = new RunningAttempt(new Attempt("job_1", 1, "w1"), Duration.ofMillis(10));

    @Test
    void aTrainerThatItsNodeStoppedReleasesItsJob() {
        assertThat(run.endedOnRequest(75)).as("its node is drained").isTrue();
        assertThat(run.endedOnRequest(137)).isFalse();
        assertThat(run.endedOnRequest(1)).isFalse();
    }
}
