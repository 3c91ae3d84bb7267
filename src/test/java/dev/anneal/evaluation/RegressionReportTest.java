package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.regression.RegressionPredictions;
import dev.anneal.json.Json;
import org.junit.jupiter.api.Test;

class RegressionReportTest {
    private static final RegressionPredictions PREDICTIONS =
            new RegressionPredictions(new double[] {1, 2, 2, 4, 5, 3.5}, new float[] {1.5f, 1.5f, 2.5f, 3, 6, 0.5f});

    /** mean_squared_error, its root, mean_absolute_error and r2_score; pearsonr and spearmanr of scipy. */
    @Test
    void metricsAreThoseOfScikitLearnAndScipy() {
        RegressionReport report = RegressionReport.of("test", PREDICTIONS, Truncation.NONE, i -> "text " + i);

        assertThat(report.loss()).isCloseTo(1.9583333333333333, within(1e-12));
        assertThat(report.rmse()).isCloseTo(1.399404635312222, within(1e-12));
        assertThat(report.mae()).isCloseTo(1.0833333333333333, within(1e-12));
        assertThat(report.r2()).isCloseTo(-0.048327137546468224, within(1e-12));
        assertThat(report.pearson()).isCloseTo(0.6597315018827808, within(1e-12));
        assertThat(report.spearman()).isCloseTo(0.6029411764705883, within(1e-12));
    }

    @Test
    void theLargestErrorComesFirst() {
        RegressionReport report = RegressionReport.of("test", PREDICTIONS, Truncation.NONE, i -> "text " + i);

        assertThat(report.worstMistakes())
                .extracting(RegressionReport.Mistake::text)
                .containsExactly("text 5", "text 3", "text 4", "text 0", "text 1", "text 2");
        assertThat(report.worstMistakes().get(0)).isEqualTo(new RegressionReport.Mistake("text 5", 3.5, 0.5));
    }

    /** The mean of three times 0.1 is not 0.1 in doubles, by which scikit-learn computes an R² of -9e31 here. */
    @Test
    void equalScoresHaveNoCorrelationAndNoExplainedVariance() {
        RegressionPredictions same =
                new RegressionPredictions(new double[] {0.1, 0.1, 0.1}, new float[] {0.1f, 0.2f, 0.3f});

        assertThat(same.figures().r2()).isNull();
        assertThat(same.figures().pearson()).isNull();
        assertThat(same.figures().spearman()).isNull();
        RegressionReport report = RegressionReport.of("test", same, Truncation.NONE, i -> "t");
        assertThat(report.metrics())
                .as("epochs are compared by these, so they are numbers")
                .containsEntry("r2", 0.0)
                .containsEntry("pearson", 0.0)
                .containsEntry("spearman", 0.0);
    }

    @Test
    void perfectNumbersHaveNoMistakesAndCorrelateByExactlyOne() {
        RegressionPredictions perfect =
                new RegressionPredictions(new double[] {0.5, 0.75, 3, 11}, new float[] {0.5f, 0.75f, 3, 11});
        RegressionReport report = RegressionReport.of("test", perfect, Truncation.NONE, i -> "text " + i);

        assertThat(report.r2()).isEqualTo(1);
        assertThat(report.pearson()).isCloseTo(1, within(1e-15)).isLessThanOrEqualTo(1);
        assertThat(report.spearman()).isCloseTo(1, within(1e-15)).isLessThanOrEqualTo(1);
        assertThat(report.worstMistakes()).isEmpty();
        RegressionPredictions same = new RegressionPredictions(new double[] {2, 2}, new float[] {2, 2});
        assertThat(RegressionReport.of("test", same, Truncation.NONE, i -> "t").r2())
                .isEqualTo(1);
    }

    @Test
    void onTheWireItHasTheNamesOfTheContract() {
        RegressionReport report = RegressionReport.of("test", PREDICTIONS, Truncation.NONE, i -> "t");

        assertThat(report.metrics().keySet()).containsExactly("loss", "rmse", "mae", "r2", "pearson", "spearman");
        assertThat(Json.write(report))
                .startsWith(
                        "{\"task\":\"text-regression\",\"split\":\"test\",\"examples\":6,\"truncated\":0,\"tokens_left_out\":0,\"loss\":1.958")
                .contains("\"r2\":", "{\"text\":\"t\",\"score\":3.5,\"predicted\":0.5}")
                .doesNotContain("\"metrics\"");
    }
}
