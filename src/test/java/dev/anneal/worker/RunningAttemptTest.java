package dev.anneal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.queue.Attempt;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What an attempt makes of its trainer's end. */
class RunningAttemptTest {
    private final RunningAttempt run = new RunningAttempt(new Attempt("job_1", 1, "w1"), Duration.ofMillis(10));

    @Test
    void aTrainerThatWasStoppedBySomebodyElseHasLeftACheckpointAndGivesItsJobBack() {
        assertThat(run.endedAsAsked(75)).as("as where its node is drained").isTrue();
        assertThat(run.endedAsAsked(137)).isFalse();
        assertThat(run.endedAsAsked(1)).isFalse();
    }
}
