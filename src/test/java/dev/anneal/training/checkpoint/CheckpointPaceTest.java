package dev.anneal.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CheckpointPaceTest {
    @Test
    void theFirstCheckpointComesEarlyAndTheOthersAtGrowingIntervals() {
        CheckpointPace pace = new CheckpointPace(60);
        assertThat(pace.seconds()).isEqualTo(1);

        pace.wrote(0.01);
        assertThat(pace.seconds()).isEqualTo(2);
        pace.wrote(0.5);
        assertThat(pace.seconds()).as("writing takes a twentieth of the time").isEqualTo(10);
        pace.wrote(0.5);
        assertThat(pace.seconds()).isEqualTo(20);
        pace.wrote(100);
        assertThat(pace.seconds()).as("what the job asks for").isEqualTo(60);
    }

    @Test
    void aJobThatAsksForShortIntervalsGetsThem() {
        CheckpointPace pace = new CheckpointPace(0.1);
        pace.wrote(5);

        assertThat(pace.seconds()).isEqualTo(0.1);
    }
}
