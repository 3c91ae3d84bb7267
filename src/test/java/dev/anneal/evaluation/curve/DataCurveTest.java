package dev.anneal.evaluation.curve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.interval.Interval;
import dev.anneal.evaluation.rows.Gain;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DataCurveTest {
    private static DataCurve accuracy(@Nullable Gain gain) {
        return DataCurve.of("test", "accuracy", List.of(), gain, 0.8, 0.83, false);
    }

    @Test
    void moreRowsHelpIfAllRowsAreSurelyBetterThanHalf() {
        DataCurve curve = accuracy(new Gain(0.03, new Interval(0.01, 0.05)));

        assertThat(curve.verdict()).isEqualTo(DataCurve.Verdict.MORE_ROWS_HELP);
        assertThat(curve.message())
                .isEqualTo("From half of the training rows to all of them, accuracy went from 0.800 to 0.830, "
                        + "a gain of 0.030 (95 % interval 0.010 to 0.050). More rows would probably help.");
    }

    @Test
    void thereAreEnoughRowsIfTheGainIsSurelySmall() {
        assertThat(accuracy(new Gain(0.001, new Interval(-0.004, 0.009))).verdict())
                .isEqualTo(DataCurve.Verdict.ENOUGH_ROWS);
    }

    @Test
    void aGainWithoutAnIntervalSaysNothing() {
        DataCurve curve = accuracy(new Gain(0, null));

        assertThat(curve.verdict()).isEqualTo(DataCurve.Verdict.UNKNOWN);
        assertThat(curve.message())
                .endsWith(
                        "The test rows do not say how far this may be off, so it is not known whether more training rows would help.");
    }

    @Test
    void anErrorThatFallsByLessThanAHundredthIsSmall() {
        Gain gain = new Gain(0.05, new Interval(-0.02, 0.09));

        assertThat(DataCurve.of("test", "mae", List.of(), gain, 10, 9.95, true).verdict())
                .isEqualTo(DataCurve.Verdict.ENOUGH_ROWS);
        assertThat(DataCurve.of("test", "mae", List.of(), gain, 1, 0.95, true).verdict())
                .isEqualTo(DataCurve.Verdict.UNKNOWN);
    }

    @Test
    void aWideIntervalSaysNothing() {
        DataCurve curve = accuracy(new Gain(0.03, new Interval(-0.02, 0.08)));

        assertThat(curve.verdict()).isEqualTo(DataCurve.Verdict.UNKNOWN);
        assertThat(curve.message()).endsWith("The test rows are too few to say whether more training rows would help.");
        assertThat(accuracy(null).verdict()).isEqualTo(DataCurve.Verdict.UNKNOWN);
    }
}
