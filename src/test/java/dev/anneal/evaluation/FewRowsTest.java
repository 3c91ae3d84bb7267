package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.interval.Interval;
import dev.anneal.evaluation.rows.Gain;
import dev.anneal.evaluation.rows.LabelRows;
import dev.anneal.evaluation.score.LabelSets;
import dev.anneal.evaluation.score.Scores;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Draws of few rows, which may lack a label that the rows have. */
class FewRowsTest {
    private static final int A = 0;
    private static final int B = 1;

    /** Nine rows are A and three B; one A is taken for B. A draw of 12 lacks B with a probability of 3 %, more than the share below an interval. */
    private static final int[] EXPECTED = {A, A, A, A, A, A, A, A, A, B, B, B};

    private static final int[] FOUND = {B, A, A, A, A, A, A, A, A, B, B, B};

    @Test
    void aDrawOfOneLabelCountsNeitherForMacroF1NorForTheMatthewsCorrelation() {
        RowFigures figures = RowFigures.ofLabels(2, EXPECTED, FOUND);

        assertThat(figures.statistic().of(new int[] {1, 2, 1})).containsExactly(1, Double.NaN, Double.NaN);
        assertThat(figures.statistic().of(new int[] {0, 1, 1, 1})).containsExactly(0.75, Double.NaN, Double.NaN);
        assertThat(figures.statistic().of(new int[] {1, 9, 1})).containsExactly(1, 1, 1);
    }

    @Test
    void onePredictionForAllRowsIsNoBetterThanChanceInADraw() {
        double[] figures = RowFigures.ofLabels(2, new int[] {A, A, B}, new int[] {A, A, B})
                .statistic()
                .of(new int[] {0, 2});
        double[] ofOne = RowFigures.ofLabels(2, new int[] {A, A, B}, new int[] {A, A, A})
                .statistic()
                .of(new int[] {0, 2});

        assertThat(figures).containsExactly(1, 1, 1);
        assertThat(ofOne[0]).isEqualTo(0.5);
        assertThat(ofOne[1]).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(ofOne[2]).isZero();
    }

    @Test
    void rowsOfOneLabelHaveTheMacroF1OfThisLabel() {
        RowFigures figures = RowFigures.ofLabels(2, new int[] {A, A, A, A}, new int[] {A, A, A, B});

        assertThat(figures.statistic().of(new int[] {0, 1})).containsExactly(1, 1, 0);
    }

    @Test
    void theIntervalsOfMacroF1AndOfTheMatthewsCorrelationAgreeThatAModelBeatsTheMajority() {
        Map<String, Interval> intervals =
                RowFigures.ofLabels(2, EXPECTED, FOUND).intervals();
        Map<String, Gain> gains =
                Gain.of(new LabelRows(2, EXPECTED, FOUND), new LabelRows(2, EXPECTED, new int[EXPECTED.length]));

        assertThat(intervals.get("matthews_correlation").low()).isBetween(0.01, 0.8);
        assertThat(gains.get("f1_macro").interval().low()).isBetween(0.01, 0.5);
        assertThat(intervals.values())
                .allSatisfy(interval -> assertThat(interval.high()).isLessThanOrEqualTo(1));
    }

    @Test
    void aLabelThatADrawLacksIsLeftOutOfTheMacroF1OfLabelSets() {
        RowFigures figures = RowFigures.of(new MultiLabelPredictions(
                List.of("a", "b", "never"),
                LabelSets.of(new boolean[][] {{true, false, false}, {false, true, false}, {false, false, false}}, 3),
                Scores.of(new float[][] {{0.9f, 0.1f, 0.1f}, {0.1f, 0.2f, 0.1f}, {0.1f, 0.1f, 0.1f}})));

        // The label that no row has counts as 0, as in the report.
        assertThat(figures.statistic().of(new int[] {0, 1, 2})[1]).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(figures.statistic().of(new int[] {0, 0, 2})[1]).isCloseTo(1 / 2.0, within(1e-12));
        assertThat(figures.statistic().of(new int[] {2, 2, 2})).containsExactly(Double.NaN, Double.NaN, 1);
    }
}
