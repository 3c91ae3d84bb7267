package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerReportTest {
    private static AnswerReport.Answered answered(String answer, String ofBase) {
        return new AnswerReport.Answered("question", "yes", whole(answer), whole(ofBase));
    }

    private static AnswerReport.Answer whole(String text) {
        return text == null ? null : new AnswerReport.Answer(text, false);
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
    void answersThatAreCutAreCounted() {
        AnswerReport.Answer cut = new AnswerReport.Answer("yes, and", true);

        AnswerReport report = AnswerReport.of(List.of(
                answered("yes", "no"),
                new AnswerReport.Answered("question", "yes", cut, whole("no")),
                new AnswerReport.Answered("question", "yes", cut, cut)));

        assertThat(report.model().cut()).isEqualTo(2);
        assertThat(report.baseModel().cut()).isEqualTo(1);
    }

    @Test
    void withoutAQuestionThatBothAnsweredThereIsNoReport() {
        assertThat(AnswerReport.of(List.of(answered("yes", null), answered(null, "yes"))))
                .isNull();
    }

    @Test
    void theAnswersOfOneModelCountByThemselves() {
        AnswerReport.Sum sum = new AnswerReport.Sum(false);
        sum.add(answered("yes", null));
        sum.add(answered(null, null));
        AnswerReport report = sum.report();

        assertThat(report.model().answers()).isEqualTo(1);
        assertThat(report.baseModel()).isNull();
        assertThat(report.leftOut()).isEqualTo(1);
        assertThat(Json.write(report)).doesNotContain("base_");
    }

    @Test
    void aSampleHasNoCharacterThatPostgresRefuses() {
        AnswerReport report = AnswerReport.of(List.of(answered("y\0s", "\0")));

        assertThat(report.samples().get(0).answer()).isEqualTo("y\uFFFDs");
        assertThat(report.samples().get(0).baseAnswer()).isEqualTo("\uFFFD");
    }
}
