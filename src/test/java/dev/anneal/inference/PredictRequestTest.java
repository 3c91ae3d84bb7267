package dev.anneal.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.host.message.PredictMessage.Input;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
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

    @Test
    void whatAModelForTheTaskWouldIgnoreIsRefused() {
        assertThat(refused("{\"inputs\": [\"a\"], \"top_k\": 2}", "token-classification"))
                .isEqualTo(
                        "top_k not_of_task A model for token-classification gives no scores of labels. Omit 'top_k'.");
        assertThat(refused("{\"inputs\": [\"a\"], \"top_k\": 2}", "text-regression"))
                .isEqualTo("top_k not_of_task A model for text-regression gives no scores of labels. Omit 'top_k'.");
        assertThat(refused("{\"inputs\": [\"a\", {\"text\": \"a\", \"text_pair\": \"b\"}]}", "token-classification"))
                .isEqualTo(
                        "inputs[1].text_pair not_of_task A model for token-classification takes no pairs of texts. Omit 'text_pair'.");
        assertThat(refused("{\"inputs\": [\"a\"], \"long_texts\": \"truncate\"}", "token-classification"))
                .startsWith("long_texts not_of_task");

        String pair = "{\"inputs\": [{\"text\": \"a\", \"text_pair\": \"b\"}], \"long_texts\": \"truncate\"";
        request(pair + ", \"top_k\": 2}").requireTask("text-classification");
        request(pair + "}").requireTask("text-regression");
        request("{\"inputs\": [{\"text\": \"a\", \"text_pair\": null}], \"top_k\": null}")
                .requireTask("token-classification");
    }

    private static String refused(String json, String task) {
        List<String> errors = new ArrayList<>();
        assertThatThrownBy(() -> request(json).requireTask(task))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> problem.errors().stream()
                                .map(error -> error.field() + " " + error.code() + " " + error.message())
                                .forEach(errors::add));
        return String.join("; ", errors);
    }

    @Test
    void aTextThatIsTooLongNamesItsLengthAndTheLimit() {
        Problem problem = refusal("\"" + "a".repeat(1500) + "\"");

        assertThat(problem)
                .hasMessage("'inputs[0]' has 1,500 characters. The limit is 100 (anneal.inference.max-characters).");
        assertThat(problem.properties())
                .containsEntry("limit", 100L)
                .containsEntry("limit_name", "anneal.inference.max-characters");
    }

    @Test
    void aLimitThatIsExceededIsReportedWithAllOtherMistakes() {
        String text = "\"" + "a".repeat(1500) + "\"";
        Problem texts = catchThrowableOfType(
                Problem.class, () -> request("{\"inputs\": [" + text + ", \"\", " + text + "], \"top_k\": 0}"));
        assertThat(texts.errors())
                .extracting(Problem.Error::field)
                .containsExactly("inputs[0]", "inputs[1]", "inputs[2]", "top_k");
        assertThat(texts.properties()).containsEntry("limit", 100L);

        Problem count = catchThrowableOfType(
                Problem.class, () -> request("{\"inputs\": [" + "\"a\",".repeat(10) + "\"a\"], \"top_k\": 0}"));
        assertThat(count.errors()).extracting(Problem.Error::code).containsExactly("too_many_inputs", "out_of_range");
        assertThat(count.properties()).containsEntry("limit", 10L);
    }

    @Test
    void textsWithoutCharactersOrWithHalfOfOneAreRefused() {
        assertThat(refusal("\"  \"")).hasMessage("'inputs[0]' must have a character other than white space.");
        assertThat(refusal("\"\"")).hasMessage("'inputs[0]' must have 1 to 100 characters.");
        for (String half : new String[] {
            "\"caf\\ud83d\"", "{\"text\": \"a\", \"text_pair\": \"\\ude00\"}", "{\"tokens\": [\"a\", \"\\ud83d\"]}"
        }) {
            assertThat(refusal(half).code()).as(half).isEqualTo("invalid_unicode");
        }
        assertThat(input("\"caf\\ud83d\\ude00\"").text()).endsWith("\ud83d\ude00");
    }

    private static Problem refusal(String json) {
        return catchThrowableOfType(Problem.class, () -> input(json));
    }

    private static Input input(String json) {
        return request("{\"inputs\": [" + json + "]}").inputs().get(0);
    }

    private static PredictRequest request(String json) {
        return PredictRequest.of(Json.MAPPER.readTree(json), 10, 100);
    }
}
