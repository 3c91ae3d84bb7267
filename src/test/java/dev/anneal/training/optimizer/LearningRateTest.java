package dev.anneal.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.spec.Hyperparameters.Schedule;
import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void itRisesToThePeakAndFallsToOneStepAboveZero() {
        LearningRate rate = new LearningRate(1.0, Schedule.LINEAR, 3, 13);

        assertThat(rate.at(1)).isEqualTo(0.25);
        assertThat(rate.at(3)).isEqualTo(0.75);
        assertThat(rate.at(4)).isEqualTo(1);
        assertThat(rate.at(5)).isCloseTo(0.9, within(1e-12));
        assertThat(rate.at(13)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void aCosineFallsSlowlyFirstAndAConstantStays() {
        LearningRate cosine = new LearningRate(1.0, Schedule.COSINE, 0, 4);

        assertThat(cosine.at(1)).isCloseTo(1, within(1e-12));
        assertThat(cosine.at(2)).isCloseTo(0.5 * (1 + Math.sqrt(0.5)), within(1e-12));
        assertThat(cosine.at(3)).isCloseTo(0.5, within(1e-12));
        assertThat(new LearningRate(1.0, Schedule.CONSTANT, 2, 9).at(9)).isEqualTo(1);
    }

    /** A checkpoint of an earlier version may come from a run with more steps. */
    @Test
    void afterTheLastStepItIsZeroAndNeverNegative() {
        assertThat(new LearningRate(1.0, Schedule.LINEAR, 0, 4).at(9)).isZero();
        assertThat(new LearningRate(1.0, Schedule.COSINE, 0, 4).at(9)).isZero();
    }

    @Test
    void withoutWarmUpTheFirstStepIsAtThePeak() {
        assertThat(new LearningRate(1.0, Schedule.LINEAR, 0, 4).at(1)).isEqualTo(1);
    }
}
