package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Rows with a score. */
@ServerTest
class RegressionUploadTest {
    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    @Test
    void scoresAreNumbersOrNumbersAsText() {
        JsonNode json = uploads.good(
                "s.jsonl",
                "{\"sentence1\":\"a\",\"sentence2\":\"b\",\"score\":3}\n{\"sentence1\":\"c\",\"sentence2\":\"d\",\"score\":\"-2.5e-1\"}\n",
                "task",
                "text-regression");
        JsonNode csv = uploads.good("s.csv", "text,stars\na, 4.5 \nb,.5\n", "columns", "{\"score\":\"stars\"}");

        assertThat(uploads.rows(json))
                .containsExactly(
                        "{\"text\":\"a\",\"score\":3.0,\"text_pair\":\"b\"}",
                        "{\"text\":\"c\",\"score\":-0.25,\"text_pair\":\"d\"}");
        assertThat(json.get("labels")).isEmpty();
        assertThat(csv.get("task").asString()).isEqualTo("text-regression");
        assertThat(uploads.statistics(csv).get("score").toString()).isEqualTo("{\"min\":0.5,\"mean\":2.5,\"max\":4.5}");
        assertThat(uploads.statistics(csv).get("labels")).isEmpty();
    }

    @Test
    void rowsAreDrawnAmongAllOfThem() {
        StringBuilder csv = new StringBuilder("text,score\n");
        for (int i = 0; i < 100; i++) {
            csv.append("text ").append(i).append(',').append(i).append('\n');
        }
        JsonNode dataset = uploads.good("s.csv", csv.toString(), "task", "text-regression");

        assertThat(dataset.get("splits").toString()).isEqualTo("{\"train\":80,\"validation\":10,\"test\":10}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    invalid_number | 3,5
                    invalid_number | NaN
                    invalid_number | 1e39
                    invalid_number | 0x10
                    invalid_number | 5f
                    empty_score    | ' '
                    score_too_long | 111111111111111111111111111111111111111111111111111
                    """)
    void aScoreThatIsNotAFiniteNumberIsRefused(String code, String score) {
        assertThat(Uploads.errors(
                        uploads.send("s.tsv", "text\tscore\na\t1\nb\t" + score + "\n", "task", "text-regression")))
                .containsExactly("3 " + code);
    }

    @Test
    void equalScoresAndListsAndMissingScoresAreRefused() {
        assertThat(uploads.send("s.csv", "text,score\na,1\nb,1.0\n", "task", "text-regression")
                        .code())
                .isEqualTo("single_score");
        assertThat(Uploads.errors(uploads.send(
                        "s.jsonl",
                        "{\"text\":\"a\",\"score\":[1]}\n{\"text\":\"b\",\"score\":true}\n{\"text\":\"c\"}\n",
                        "task",
                        "text-regression")))
                .containsExactly("1 invalid_type", "2 invalid_number", "3 empty_score");
    }

    @Test
    void aRoleThatTheTaskDoesNotUseIsRefused() {
        Answer refused = uploads.send(
                "s.csv", "text,score\na,1\n", "task", "text-regression", "columns", "{\"label\":\"score\"}");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("unused_role");
        assertThat(refused.detail())
                .contains("does not use the role 'label'")
                .contains("text, text_pair, score, group, time, kept, split");
    }
}
