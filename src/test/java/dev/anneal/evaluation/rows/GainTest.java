package dev.anneal.evaluation.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GainTest {
    @Test
    void aBetterModelGainsAndTheIntervalIsThatOfTheSameRows() {
        Random random = new Random(1);
        int[] expected = random.ints(500, 0, 2).toArray();
        int[] good = expected.clone();
        int[] worse = expected.clone();
        for (int row = 0; row < 100; row++) {
            good[row] = 1 - good[row]; // both are wrong on these, so they do not widen the interval
            worse[row] = 1 - worse[row];
        }
        for (int row = 100; row < 125; row++) {
            worse[row] = 1 - worse[row];
        }

        Map<String, Gain> gains = Gain.of(new LabelRows(2, expected, good), new LabelRows(2, expected, worse));

        Gain accuracy = gains.get("accuracy");
        assertThat(accuracy.gain()).isCloseTo(0.05, within(1e-12));
        // The standard deviation of the mean of 500 draws with the probability 0.05 is 0.0097.
        assertThat(accuracy.interval().low()).isBetween(0.025, 0.037);
        assertThat(accuracy.interval().high()).isBetween(0.064, 0.08);
    }

    @Test
    void aSmallerErrorIsAGain() {
        double[] expected = {1, 2, 3, 4};

        Map<String, Gain> gains = Gain.of(
                new NumberRows(expected, new double[] {1, 2, 3, 5}),
                new NumberRows(expected, new double[] {2, 3, 4, 5}));

        assertThat(gains.get("mae").gain()).isCloseTo(0.75, within(1e-12));
        assertThat(gains.get("rmse").gain()).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void aModelGainsNothingOverItself() {
        LabelSetRows rows = new LabelSetRows(new int[][] {{0}, {1, 2}, {}}, new int[][] {{0}, {1}, {2}});

        assertThat(Gain.of(rows, rows).get("f1_micro")).isEqualTo(new Gain(0, null));
    }
}
