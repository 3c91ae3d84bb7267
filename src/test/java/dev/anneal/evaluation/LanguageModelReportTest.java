package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LanguageModelReportTest {
    @Test
    void perplexityOfAUniformGuessIsTheNumberOfTokens() {
        LanguageModelReport report =
                LanguageModelReport.of("causal-lm", "test", 3, new Truncation(0, 0), 120, Math.log(50));

        assertThat(report.perplexity()).isCloseTo(50, within(1e-9));
        assertThat(report.metrics().keySet()).containsExactly("loss", "perplexity");
    }

    /** JSON has no number for infinity. */
    @Test
    void perplexityStaysANumber() {
        assertThat(LanguageModelReport.of("causal-lm", "test", 1, new Truncation(0, 0), 1, 1000)
                        .perplexity())
                .isEqualTo(Double.MAX_VALUE);
    }

    @Test
    void onTheWireItHasTheNamesOfTheContract() {
        assertThat(Json.write(LanguageModelReport.of("masked-lm", "validation", 3, new Truncation(1, 7), 120, 0)))
                .isEqualTo(
                        "{\"task\":\"masked-lm\",\"split\":\"validation\",\"examples\":3,\"truncated\":1,"
                                + "\"tokens_left_out\":7,\"tokens\":120,\"loss\":0.0,\"perplexity\":1.0,\"token_accuracy\":null,\"intervals\":null,\"answers\":null}");
    }

    @Test
    void nothingToScoreHasNoLoss() {
        LanguageModelReport report = LanguageModelReport.of("causal-lm", "validation", 3, new Truncation(3, 90), 0, 0);

        assertThat(report.metrics()).isEmpty();
        assertThat(Json.write(report)).contains("\"tokens\":0,\"loss\":null,\"perplexity\":null");
    }

    @Test
    void tokensCountTextByText() {
        TokenFigures figures = new TokenFigures(3);
        figures.add(0, 1, true);
        figures.add(0, 2, false);
        figures.add(2, 6, true);

        LanguageModelReport report = LanguageModelReport.of("causal-lm", "test", 3, Truncation.NONE, figures);

        assertThat(report.tokens()).isEqualTo(3);
        assertThat(report.loss()).isCloseTo(3, within(1e-12));
        assertThat(report.perplexity()).isCloseTo(Math.exp(3), within(1e-9));
        assertThat(report.tokenAccuracy()).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(report.intervals()).containsOnlyKeys("loss", "perplexity", "token_accuracy");
    }

    @Test
    void twoModelsAreComparedByTheLossesOfRowsAndByTokensIfBothHaveTheSameOnes() {
        TokenFigures first = new TokenFigures(0);
        TokenFigures second = new TokenFigures(0);
        TokenFigures otherTokens = new TokenFigures(0);
        for (int row = 0; row < 2_000; row++) {
            int tokens = row % 5;
            first.addText(tokens, 2, 0.5);
            second.addText(tokens, row % 2 == 0 ? 3 : 1.5, 0.5);
            otherTokens.addText(row % 5 + 1, 1, 0);
        }

        Comparison comparison = first.minus(second, false);
        assertThat(comparison.metrics().keySet())
                .containsExactly("loss_per_row", "loss", "perplexity", "token_accuracy");
        Comparison.Difference perRow =
                Objects.requireNonNull(comparison.metrics().get("loss_per_row"));
        assertThat(perRow.difference()).isCloseTo(2 * 2 - 2 * 2.25, within(1e-9));
        assertThat(perRow.pValue()).isLessThan(0.01);
        assertThat(Objects.requireNonNull(perRow.interval()).high()).isNegative();
        assertThat(Objects.requireNonNull(comparison.metrics().get("loss")).difference())
                .isCloseTo(2 - 2.25, within(1e-9));
        assertThat(Objects.requireNonNull(comparison.metrics().get("token_accuracy"))
                        .difference())
                .isZero();
        assertThat(comparison.rightRows()).isNull();

        assertThat(first.minus(second, true)).as("both read the same tokens").isEqualTo(comparison);
        Comparison ofOther = first.minus(otherTokens, false);
        assertThat(ofOther.metrics().keySet()).containsExactly("loss_per_row");
        assertThat(Objects.requireNonNull(ofOther.metrics().get("loss_per_row")).difference())
                .isCloseTo(4 - 3, within(1e-9));
        assertThat(ofOther.leftOut()).isEmpty();

        Comparison ofCut = first.minus(otherTokens, true);
        assertThat(ofCut.metrics())
                .as("the model that reads less has the lower sums")
                .isEmpty();
        assertThat(ofCut.leftOut()).singleElement().asString().contains("truncates rows");
    }

    @Test
    void withoutTokensNoFigureIsANumber() {
        LanguageModelReport report =
                LanguageModelReport.of("causal-lm", "test", 2, Truncation.NONE, new TokenFigures(2));

        assertThat(report.metrics()).isEmpty();
        assertThat(Json.write(report)).doesNotContain("NaN").contains("\"token_accuracy\":null");
    }
}
