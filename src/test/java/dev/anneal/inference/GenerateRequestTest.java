package dev.anneal.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The problems of a request for a text. Each says what is wrong and what to do. */
class GenerateRequestTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"role":"human","content":"a"}                            | 'messages[0].role' is 'human'. Roles: system, user, assistant, tool. Did you mean 'user'?
            {"role":"asistant","content":"a"}                         | 'messages[0].role' is 'asistant'. Roles: system, user, assistant, tool. Did you mean 'assistant'?
            {"role":"user","content":[{"type":"text","text":"a"}]}    | 'messages[0].content' must be a text. Send the text in place of a list of parts.
            {"role":"user"}                                           | 'messages[0]' must be {"role": …, "content": …} with two texts, and a role of system, user, assistant, tool.
            """)
    void aWrongMessageIsRefusedForWhatIsWrong(String message, String detail) {
        assertThat(refusal("{\"messages\": [" + message + "]}")).hasMessage(detail);
    }

    @Test
    void aLimitThatIsExceededIsNamed() {
        for (String text :
                new String[] {"\"prompt\": \"%s\"", "\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]"}) {
            Problem problem = refusal("{" + text.formatted("a".repeat(1500)) + "}");
            assertThat(problem)
                    .hasMessageEndingWith(
                            " has 1,500 characters. The limit is 1,000 (anneal.inference.max-characters).");
            assertThat(problem.properties()).containsEntry("limit", 1000L);
        }
        Problem tokens = refusal("{\"prompt\": \"a\", \"max_new_tokens\": 100000}");
        assertThat(tokens)
                .hasMessage("'max_new_tokens' is 100,000. The limit is 4,096 (anneal.inference.max-new-tokens).");
        assertThat(tokens.properties()).containsEntry("limit_name", "anneal.inference.max-new-tokens");
    }

    @Test
    void aLimitThatIsExceededIsReportedWithAllOtherMistakes() {
        Problem problem = refusal("{\"prompt\": \"%s\", \"temperature\": 9, \"max_new_tokens\": 100000, \"n\": 2}"
                .formatted("a".repeat(1500)));

        assertThat(problem.code()).isEqualTo("invalid_request");
        assertThat(problem.errors())
                .extracting(Problem.Error::field)
                .containsExactly("prompt", "max_new_tokens", "temperature", "n");
        assertThat(problem.properties()).containsEntry("limit", 1000L);
    }

    @Test
    void halfOfACharacterIsRefused() {
        for (String body : new String[] {
            "{\"prompt\": \"caf\\ud83d\"}",
            "{\"messages\": [{\"role\": \"user\", \"content\": \"\\ude00\"}]}",
            "{\"prompt\": \"a\", \"stop\": \"\\ud83d\"}"
        }) {
            assertThat(refusal(body).code()).as(body).isEqualTo("invalid_unicode");
        }
    }

    private static Problem refusal(String body) {
        return catchThrowableOfType(Problem.class, () -> GenerateRequest.of(Json.MAPPER.readTree(body), 4096, 1000));
    }
}
