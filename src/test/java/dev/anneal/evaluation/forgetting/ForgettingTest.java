package dev.anneal.evaluation.forgetting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.forgetting.Forgetting.Change;
import dev.anneal.evaluation.forgetting.Forgetting.Measure;
import dev.anneal.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForgettingTest {
    @Test
    void aLossIsTheMeanOfAllTokensAndNotOfTexts() {
        List<TextFigure> before =
                List.of(new TextFigure(6, 3, new int[] {1, 2, 3}), new TextFigure(4, 1, new int[] {4}));
        List<TextFigure> after =
                List.of(new TextFigure(9, 3, new int[] {1, 9, 3}), new TextFigure(5, 1, new int[] {4}));

        Change change = Forgetting.change(Measure.LOSS, before, after, 2);

        assertThat(change.texts()).isEqualTo(2);
        assertThat(change.leftOut()).isEqualTo(2);
        assertThat(change.compared()).isEqualTo(4);
        assertThat(change.before()).isCloseTo(2.5, within(1e-12));
        assertThat(change.after()).isCloseTo(3.5, within(1e-12));
        assertThat(change.change()).isCloseTo(1, within(1e-12));
        assertThat(change.agreement()).isCloseTo(0.75, within(1e-12));
    }

    /** One similarity rises as far as the other falls. */
    @Test
    void similaritiesThatMoveInBothDirectionsDoNotCancelOut() {
        Change change = Forgetting.change(
                Measure.SIMILARITY,
                List.of(new TextFigure(0.5, 1), new TextFigure(0.1, 1)),
                List.of(new TextFigure(0.3, 1), new TextFigure(0.3, 1)),
                0);

        assertThat(change.after()).isCloseTo(change.before(), within(1e-12));
        assertThat(change.change()).isCloseTo(0.2, within(1e-12));
        assertThat(change.agreement()).isNull();
    }

    @Test
    void theMessageSaysByHowMuchTheLossRoseAndWhatToDo() {
        Forgetting forgetting = Forgetting.of(Measure.LOSS, new Change(72, 0, 100, 2, 2.5, 0.5, 0.71), null);

        assertThat(forgetting.message())
                .isEqualTo(
                        "On general text, the loss rose from 2.000 to 2.500, by 25 %. At 71 % of the tokens, the model prefers the same next token as its base model."
                                + " To forget less, lower learning_rate or epochs, use replay, l2_to_base or unfreeze_rank_ratio, or the method lora.");
    }

    @Test
    void aModelThatForgotNothingNeedsNoRemedy() {
        Forgetting fell = Forgetting.of(Measure.MASKED_LOSS, new Change(72, 0, 100, 2, 1.9, -0.1, null), null);
        Forgetting rose = Forgetting.of(Measure.MASKED_LOSS, new Change(72, 0, 100, 2, 2.01, 0.01, null), null);

        assertThat(fell.message())
                .isEqualTo("On general text, the loss of masked tokens did not rise: it was 2.000 and is 1.900.");
        assertThat(rose.message())
                .isEqualTo("On general text, the loss of masked tokens hardly rose, from 2.000 to 2.010.");
    }

    @Test
    void theRowsToRetainCountToo() {
        Change nothing = new Change(40, 0, 40, 0.5, 0.5, 0.001, null);
        Change much = new Change(50, 0, 50, 0.5, 0.6, 0.1, null);

        assertThat(Forgetting.of(Measure.SIMILARITY, nothing, much).message())
                .contains(
                        "On general text, the cosine similarity of pairs of texts moved by 0.001 on average, from a mean of 0.500 to 0.500.",
                        "On the rows of the retain_dataset, the cosine similarity of pairs of texts moved by 0.100",
                        "To forget less,");
    }

    @Test
    void onTheWireItHasTheNamesOfTheContract() {
        assertThat(Json.write(Forgetting.of(Measure.MASKED_LOSS, new Change(1, 0, 9, 2, 1, -1, null), null)))
                .startsWith(
                        "{\"measure\":\"masked_loss\",\"probe\":{\"texts\":1,\"left_out\":0,\"compared\":9,\"before\":2.0,\"after\":1.0,\"change\":-1.0,\"agreement\":null},\"retained\":null,\"message\":\"On");
    }

    @Test
    void bothModelsMustHaveTheSameTexts() {
        assertThatThrownBy(() -> Forgetting.change(Measure.LOSS, List.of(new TextFigure(1, 1)), List.of(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
