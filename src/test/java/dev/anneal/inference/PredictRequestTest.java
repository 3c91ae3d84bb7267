package dev.anneal.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.host.message.PredictMessage.Input;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import org.junit.jupiter.api.Test;

/** The forms of an input: a text, a pair, or words. */
class PredictRequestTest {
    @Test
    void aFieldThatIsNullCountsAsLeftOut() {
        assertThat(input("{\"text\": \"a\", \"text_pair\": null, \"tokens\": null}")
                        .text())
                .isEqualTo("a");
        assertThat(input("{\"text\": null, \"tokens\": [\"a\", \"b\"]}").tokens())
                .containsExactly("a", "b");
    }

    @Test
    void otherFormsAreRefused() {
        for (String wrong : new String[] {
            "{}",
            "{\"tokens\": []}",
            "{\"text\": \"a\", \"tokens\": [\"a\"]}",
            "{\"text_pair\": \"a\"}",
            "{\"txt\": \"a\"}",
            "1"
        }) {
            assertThatThrownBy(() -> input(wrong)).as(wrong).isInstanceOf(Problem.class);
        }
    }

    private static Input input(String json) {
        return PredictRequest.of(Json.MAPPER.readTree("{\"inputs\": [" + json + "]}"), 10, 100)
                .inputs()
                .get(0);
    }
}
