package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.count.F1Score;
import org.junit.jupiter.api.Test;

/** The figures are those of scikit-learn 1.9.1 with no argument but {@code average}. */
class F1ScoreTest {
    // y_true = a a b b c, y_pred = a b b b a, and a label that occurs in neither
    private static final int[] RIGHT = {1, 2, 0, 0};
    private static final int[] PREDICTED = {2, 3, 0, 0};
    private static final int[] SUPPORT = {2, 2, 1, 0};

    @Test
    void aLabelHasTheHarmonicMeanOfPrecisionAndRecall() {
        assertThat(F1Score.of(1, 2, 2)).isEqualTo(0.5);
        assertThat(F1Score.of(2, 3, 2)).isEqualTo(0.8);
    }

    @Test
    void aLabelThatIsNeverRightHasZeroEvenIfItNeverOccurs() {
        assertThat(F1Score.of(0, 0, 1)).isZero();
        assertThat(F1Score.of(0, 3, 0)).isZero();
        assertThat(F1Score.of(0, 0, 0)).as("zero_division=0").isZero();
    }

    @Test
    void microCountsAllLabelsTogether() {
        assertThat(F1Score.micro(RIGHT, PREDICTED, SUPPORT)).isCloseTo(0.6, within(1e-15));
    }

    /** {@code f1_score} of an array with a column for each of the four labels. */
    @Test
    void macroCountsALabelThatDoesNotOccurAsZero() {
        assertThat(F1Score.macro(RIGHT, PREDICTED, SUPPORT)).isCloseTo(0.325, within(1e-15));
    }

    /** {@code f1_score} of the names of the labels. */
    @Test
    void macroOfOccurringSkipsALabelThatDoesNotOccur() {
        assertThat(F1Score.macroOfOccurring(RIGHT, PREDICTED, SUPPORT)).isCloseTo(1.3 / 3, within(1e-15));
    }

    @Test
    void noLabelsHaveZero() {
        int[] none = {};

        assertThat(F1Score.micro(none, none, none)).isZero();
        assertThat(F1Score.macro(none, none, none)).isZero();
        assertThat(F1Score.macroOfOccurring(none, none, none)).isZero();
    }
}
