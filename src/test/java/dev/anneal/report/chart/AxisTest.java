package dev.anneal.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The ticks of axes. */
class AxisTest {
    @Test
    void anAxisContainsItsValuesAndHasSomeRoundTicks() {
        Random random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            double min = random.nextGaussian() * Math.pow(10, random.nextInt(12) - 6);
            double max = min + Math.abs(random.nextGaussian()) * Math.pow(10, random.nextInt(12) - 6);

            Axis axis = Axis.of("x", min, max);

            assertThat(axis.place(min)).isBetween(-1e-6, 1 + 1e-6);
            assertThat(axis.place(max)).isBetween(-1e-6, 1 + 1e-6);
            assertThat(axis.ticks()).hasSizeBetween(2, 8);
        }
    }

    @Test
    void oneValueHasAnAxisToo() {
        assertThat(Axis.of("x", 0.5, 0.5).ticks()).hasSizeBetween(2, 8);
        assertThat(Axis.of("x", 0, 0).ticks()).hasSizeBetween(2, 8);
    }

    @Test
    void epochsAreWholeNumbers() {
        assertThat(Axis.ofCounts("epoch", 1, 3).ticks()).containsExactly(1.0, 2.0, 3.0);
        assertThat(Axis.ofCounts("epoch", 1, 1_000).ticks())
                .hasSizeBetween(3, 12)
                .allMatch(tick -> tick == Math.rint(tick));
    }
}
