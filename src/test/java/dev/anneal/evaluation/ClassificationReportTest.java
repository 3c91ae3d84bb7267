package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.count.ConfusionMatrix;
import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.score.Scores;
import dev.anneal.json.Json;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClassificationReportTest {
    private static final ClassificationPredictions PREDICTIONS = ClassificationPredictions.of(
            List.of("a", "b", "c", "never"), new int[] {0, 0, 1, 1, 2, 2}, Scores.of(new float[][] {
                {0.7f, 0.1f, 0.1f, 0.1f},
                {0.2f, 0.6f, 0.1f, 0.1f}, // a taken for b
                {0.1f, 0.8f, 0.1f, 0f},
                {0.1f, 0.5f, 0.2f, 0.2f},
                {0.9f, 0.1f, 0f, 0f}, // c taken for a
                {0.1f, 0.1f, 0.7f, 0.1f}
            }));

    @Test
    void metricsAreThoseComputedByHand() {
        ClassificationReport report = ClassificationReport.of("test", PREDICTIONS, Truncation.NONE, i -> "text " + i);

        assertThat(report.accuracy()).isCloseTo(4 / 6.0, within(1e-12));
        // a: precision 1/2, recall 1/2; b: 2/3, 1; c: 1, 1/2; the label that does not occur has no part in the mean
        assertThat(report.f1Macro()).isCloseTo((0.5 + 0.8 + 2 / 3.0) / 3, within(1e-12));
        // 4 right of 6; supports 2, 2, 2; predictions 2, 3, 1: (4 · 6 - 12) / √((36 - 12)(36 - 14))
        assertThat(report.matthewsCorrelation()).isCloseTo(12 / Math.sqrt(24 * 22), within(1e-12));
        assertThat(report.labels().get(1).precision()).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(report.labels().get(1).recall()).isEqualTo(1);
        assertThat(report.labels().get(3)).isEqualTo(new LabelMetrics("never", null, null, null, 0));
        assertThat(report.confusionMatrix()).isDeepEqualTo(new int[][] {
            {1, 1, 0, 0},
            {0, 2, 0, 0},
            {1, 0, 1, 0},
            {0, 0, 0, 0}
        });
        double expectedLoss = -(Math.log(0.7)
                        + Math.log(0.2)
                        + Math.log(0.8)
                        + Math.log(0.5)
                        + Math.log(Float.MIN_NORMAL)
                        + Math.log(0.7))
                / 6;
        assertThat(report.loss()).isCloseTo(expectedLoss, within(1e-6));
    }

    @Test
    void theLossWithoutATemperatureIsThatOfTheModelBeforeIt() {
        int[] expected = {0, 1, 1};
        float[][] plain = {{0.9f, 0.1f}, {0.8f, 0.2f}, {0.3f, 0.7f}};
        float[][] divided = new float[plain.length][]; // the scores with a temperature of 2
        for (int i = 0; i < plain.length; i++) {
            double first = Math.sqrt(plain[i][0]);
            double second = Math.sqrt(plain[i][1]);
            divided[i] = new float[] {(float) (first / (first + second)), (float) (second / (first + second))};
        }
        List<String> labels = List.of("a", "b");

        ClassificationReport before = ClassificationReport.of(
                "test",
                ClassificationPredictions.of(labels, expected, Scores.of(plain)),
                Truncation.NONE,
                i -> "text",
                null);
        ClassificationReport after = ClassificationReport.of(
                "test",
                ClassificationPredictions.of(labels, expected, Scores.of(divided)),
                Truncation.NONE,
                i -> "text",
                new Tuning(2.0, true, List.of()));

        assertThat(Math.abs(after.metrics().get("loss") - before.metrics().get("loss")))
                .isGreaterThan(0.01);
        assertThat(after.uncalibratedMetrics().get("loss"))
                .isCloseTo(before.metrics().get("loss"), within(1e-5));
        assertThat(after.uncalibratedMetrics().get("accuracy"))
                .isEqualTo(before.metrics().get("accuracy"));
        assertThat(before.uncalibratedMetrics()).isEqualTo(before.metrics());
    }

    /** matthews_corrcoef of scikit-learn 1.9.1 for the same labels and predictions. */
    @Test
    void matthewsCorrelationIsThatOfScikitLearn() {
        assertThat(PREDICTIONS.confusionMatrix().labels().matthewsCorrelation())
                .isCloseTo(0.5222329678670935, within(1e-15));
        assertThat(matthewsCorrelation(new int[][] {{4, 1}, {2, 6}})).isCloseTo(0.5367450401216932, within(1e-15));
        assertThat(matthewsCorrelation(new int[][] {{0, 2}, {2, 0}})).isEqualTo(-1);
        assertThat(matthewsCorrelation(new int[][] {{3, 0}, {0, 4}})).isEqualTo(1);
        assertThat(matthewsCorrelation(new int[][] {{0, 1}, {0, 2}}))
                .as("all predictions are the same label")
                .isNull();
        assertThat(matthewsCorrelation(new int[][] {{0, 0}, {0, 0}}))
                .as("no examples")
                .isNull();
    }

    private static @Nullable Double matthewsCorrelation(int[][] counts) {
        return new ConfusionMatrix(counts).labels().matthewsCorrelation();
    }

    @Test
    void aReportOnMoreThanAThousandLabelsHasNoConfusionMatrixButTheSameMetrics() {
        ClassificationReport many = ofLabels(1_001);
        ClassificationReport fewer = ofLabels(1_000);

        assertThat(many.confusionMatrix()).isNull();
        assertThat(fewer.confusionMatrix()).hasDimensions(1_000, 1_000);
        assertThat(many.metrics()).isEqualTo(fewer.metrics());
        assertThat(many.accuracy()).isEqualTo(0.5);
        assertThat(many.labels()).hasSize(1_001);
    }

    /** Two examples of the labels 0 and 1, for both of which 1 is predicted. */
    private static ClassificationReport ofLabels(int count) {
        float[] row = new float[count];
        row[0] = 0.25f;
        row[1] = 0.75f;
        return ClassificationReport.of(
                "test",
                ClassificationPredictions.of(
                        IntStream.range(0, count).mapToObj(i -> "label " + i).toList(),
                        new int[] {0, 1},
                        Scores.of(new float[][] {row, row})),
                Truncation.NONE,
                i -> "text");
    }

    @Test
    void theSurestMistakeComesFirst() {
        ClassificationReport report = ClassificationReport.of("test", PREDICTIONS, Truncation.NONE, i -> "text " + i);

        assertThat(report.worstMistakes())
                .extracting(ClassificationReport.Mistake::text)
                .containsExactly("text 4", "text 1");
        assertThat(report.worstMistakes().get(0).predicted()).isEqualTo("a");
    }

    @Test
    void onTheWireItHasTheNamesOfTheContract() {
        ClassificationReport report = ClassificationReport.of("test", PREDICTIONS, Truncation.NONE, i -> "t");

        assertThat(report.metrics().keySet()).containsExactly("loss", "accuracy", "f1_macro", "matthews_correlation");
        assertThat(Json.write(report))
                .startsWith("{\"task\":\"text-classification\",\"split\":\"test\",\"examples\":6,")
                .doesNotContain("\"metrics\"")
                .contains("\"f1_macro\":", "\"confusion_matrix\":[[1,1,0,0]", "\"worst_mistakes\":[{\"text\":\"t\"");
    }
}
