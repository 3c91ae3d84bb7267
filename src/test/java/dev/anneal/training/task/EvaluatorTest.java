package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EvaluatorTest {
    @Test
    void thePartOfAPredictionNeedsAtMostFortyMegabytesForItsScores() {
        assertThat(Evaluator.partSize(1)).isEqualTo(20_000);
        assertThat(Evaluator.partSize(500)).isEqualTo(20_000);
        assertThat(Evaluator.partSize(10_000)).isEqualTo(1_000);
        assertThat(Evaluator.partSize(100_000_000)).isEqualTo(1);
    }
}
