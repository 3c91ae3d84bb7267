package dev.anneal.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.json.Json;
import org.junit.jupiter.api.Test;

class LanguageModelReportTest {
    @Test
    void perplexityOfAUniformGuessIsTheNumberOfTokens() {
        LanguageModelReport report = LanguageModelReport.of("causal-lm", "test", 3, 120, Math.log(50));

        assertThat(report.perplexity()).isCloseTo(50, within(1e-9));
        assertThat(report.metrics().keySet()).containsExactly("loss", "perplexity");
    }

    /** JSON has no number for infinity. */
    @Test
    void perplexityStaysANumber() {
        assertThat(LanguageModelReport.of("causal-lm", "test", 1, 1, 1000).perplexity())
                .isEqualTo(Double.MAX_VALUE);
    }

    @Test
    void onTheWireItHasTheNamesOfTheContract() {
        assertThat(Json.write(LanguageModelReport.of("masked-lm", "validation", 3, 120, 0)))
                .isEqualTo("{\"task\":\"masked-lm\",\"split\":\"validation\",\"examples\":3,\"tokens\":120,"
                        + "\"loss\":0.0,\"perplexity\":1.0}");
    }
}
