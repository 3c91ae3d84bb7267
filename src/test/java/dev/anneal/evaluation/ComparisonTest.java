package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.interval.McNemar;
import dev.anneal.evaluation.regression.RegressionPredictions;
import dev.anneal.evaluation.score.Scores;
import dev.anneal.json.Json;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final int ROWS = 500;
    private final int[] expected = new SplittableRandom(1).ints(ROWS, 0, 2).toArray();

    @Test
    void aBetterModelDiffersFromAWorseOneOnTheSameRows() {
        Comparison comparison = RowFigures.of(predictions(0.95, 2)).minus(RowFigures.of(predictions(0.8, 3)));

        Comparison.Difference accuracy = comparison.metrics().get("accuracy");
        assertThat(accuracy.difference()).isBetween(0.1, 0.2);
        assertThat(accuracy.interval().low()).isPositive();
        assertThat(accuracy.pValue()).isLessThan(0.01);
        assertThat(comparison.metrics()).containsOnlyKeys("accuracy", "f1_macro", "matthews_correlation");
        Comparison.RightRows rows = comparison.rightRows();
        assertThat((rows.onlyFirst() - rows.onlySecond()) / (double) ROWS)
                .isCloseTo(accuracy.difference(), within(1e-12));
        assertThat(rows.pValue()).isEqualTo(McNemar.pValue(rows.onlyFirst(), rows.onlySecond()));
        assertThat(Json.write(comparison))
                .contains("{\"difference\":", "\"interval\":{\"low\":", "\"right_rows\":{\"only_first\":");
    }

    @Test
    void aModelDoesNotDifferFromItself() {
        RowFigures same = RowFigures.of(predictions(0.9, 2));

        Comparison comparison = same.minus(same);

        assertThat(comparison.metrics().get("f1_macro").difference()).isZero();
        assertThat(comparison.metrics().get("f1_macro").pValue()).isEqualTo(1);
        assertThat(comparison.rightRows()).isEqualTo(new Comparison.RightRows(0, 0, 1));
    }

    @Test
    void aMetricThatIsTheSameInAllDrawsHasNoInterval() {
        assertThat(RowFigures.of(predictions(1, 2)).intervals()).isEmpty();
        assertThat(RowFigures.of(predictions(0.9, 2)).intervals())
                .containsOnlyKeys("accuracy", "f1_macro", "matthews_correlation");
    }

    @Test
    void otherRowsAreRefused() {
        RowFigures numbers = RowFigures.of(new RegressionPredictions(new double[] {1}, new float[] {1}));

        assertThatThrownBy(() -> RowFigures.of(predictions(0.9, 2)).minus(numbers))
                .hasMessageContaining("not of the same rows");
    }

    /** Predictions that are right with a probability. */
    private ClassificationPredictions predictions(double right, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] scores = new float[ROWS][2];
        for (int i = 0; i < ROWS; i++) {
            scores[i][random.nextDouble() < right ? expected[i] : 1 - expected[i]] = 1;
        }
        return ClassificationPredictions.of(List.of("a", "b"), expected, Scores.of(scores));
    }
}
