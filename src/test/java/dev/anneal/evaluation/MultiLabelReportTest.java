package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.count.LabelMetrics;
import dev.anneal.evaluation.score.LabelSets;
import dev.anneal.evaluation.score.Scores;
import dev.anneal.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultiLabelReportTest {
    private static final List<String> LABELS = List.of("a", "b", "c", "never");
    private static final MultiLabelPredictions PREDICTIONS = new MultiLabelPredictions(
            LABELS,
            LabelSets.of(
                    new boolean[][] {
                        {true, false, true, false},
                        {false, true, false, false},
                        {true, true, false, false},
                        {false, false, false, false},
                        {true, false, false, false}
                    },
                    4),
            Scores.of(new float[][] {
                {0.9f, 0.2f, 0.4f, 0.1f}, // c is missing
                {0.1f, 0.8f, 0.3f, 0.2f},
                {0.7f, 0.6f, 0.1f, 0.05f},
                {0.3f, 0.55f, 0.2f, 0.1f}, // b is too much
                {0.25f, 0.1f, 0.6f, 0.3f} // c taken for a
            }));

    /** f1_score(average="micro" and "macro", zero_division=0), accuracy_score and precision_recall_fscore_support. */
    @Test
    void metricsAreThoseOfScikitLearn() {
        MultiLabelReport report = MultiLabelReport.of("test", PREDICTIONS, Truncation.NONE, i -> "text " + i);

        assertThat(report.f1Micro()).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(report.f1Macro()).isCloseTo(0.4, within(1e-12));
        assertThat(report.accuracy()).isCloseTo(0.4, within(1e-12));
        assertThat(report.loss()).isCloseTo(0.376546975709912, within(1e-7));
        assertThat(report.labels())
                .containsExactly(
                        new LabelMetrics("a", 1.0, 2 / 3.0, 0.8, 3),
                        new LabelMetrics("b", 2 / 3.0, 1.0, 0.8, 2),
                        new LabelMetrics("c", 0.0, 0.0, 0.0, 1),
                        new LabelMetrics("never", null, null, null, 0));
    }

    @Test
    void theTextWithTheMostWrongLabelsComesFirst() {
        MultiLabelReport report = MultiLabelReport.of("test", PREDICTIONS, Truncation.NONE, i -> "text " + i);

        assertThat(report.worstMistakes())
                .containsExactly(
                        new MultiLabelReport.Mistake("text 4", List.of("a"), List.of("c")),
                        new MultiLabelReport.Mistake("text 0", List.of("a", "c"), List.of("a")),
                        new MultiLabelReport.Mistake("text 3", List.of(), List.of("b")));
    }

    /** A logit of 17 is 1 in fp32; its cross-entropy is 17, and not that of the least positive number. */
    @Test
    void aWrongLabelOfWhichTheModelIsSureCostsAboutItsLogit() {
        MultiLabelPredictions sure = new MultiLabelPredictions(
                List.of("a"), LabelSets.of(new boolean[][] {{false}}, 1), Scores.of(new float[][] {{1}}));

        assertThat(sure.loss()).isCloseTo(25 * Math.log(2), within(1e-12));
    }

    @Test
    void onTheWireItHasTheNamesOfTheContract() {
        MultiLabelReport report = MultiLabelReport.of("test", PREDICTIONS, Truncation.NONE, i -> "t");

        assertThat(report.metrics().keySet()).containsExactly("loss", "f1_micro", "f1_macro", "accuracy");
        assertThat(Json.write(report))
                .startsWith(
                        "{\"task\":\"multi-label-classification\",\"split\":\"test\",\"examples\":5,\"truncated\":0,\"tokens_left_out\":0,\"loss\":")
                .contains("\"f1_micro\":", "{\"text\":\"t\",\"labels\":[\"a\"],\"predicted\":[\"c\"]}")
                .doesNotContain("\"metrics\"");
    }
}
