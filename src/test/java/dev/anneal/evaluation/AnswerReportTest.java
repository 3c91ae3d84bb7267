package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerReportTest {
    private static AnswerReport.Answered answered(String answer, String ofBase) {
        return new AnswerReport.Answered("question", "yes", answer, ofBase);
    }

    @Test
    void bothModelsAreComparedOnTheQuestionsThatBothAnswered() {
        AnswerReport report = AnswerReport.of(
                List.of(answered("yes", "no"), answered("no", null), answered(null, "yes"), answered("yes", "yes")));

        assertThat(report.model().answers()).isEqualTo(2);
        assertThat(report.model().exactMatch()).isEqualTo(1);
        assertThat(report.baseModel().answers()).isEqualTo(2);
        assertThat(report.baseModel().exactMatch()).isEqualTo(0.5);
        assertThat(report.leftOut()).isEqualTo(2);
        assertThat(report.samples()).hasSize(2);
    }

    @Test
    void withoutAQuestionThatBothAnsweredThereIsNoReport() {
        assertThat(AnswerReport.of(List.of(answered("yes", null), answered(null, "yes"))))
                .isNull();
    }

    @Test
    void aSampleHasNoCharacterThatPostgresRefuses() {
        AnswerReport report = AnswerReport.of(List.of(answered("y\0s", "\0")));

        assertThat(report.samples().get(0).answer()).isEqualTo("y\uFFFDs");
        assertThat(report.samples().get(0).baseAnswer()).isEqualTo("\uFFFD");
    }
}
