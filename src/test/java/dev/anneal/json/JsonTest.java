package dev.anneal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

class JsonTest {
    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": [1", "[\"a\"", "{\"a\": 1} {}", "{\"a\"", "nope", "\"\\x\""})
    void aReasonHasNoInternalsOfTheParser(String json) {
        JacksonException e = catchThrowableOfType(JacksonException.class, () -> Json.MAPPER.readTree(json));

        assertThat(Json.reason(e))
                .isNotBlank()
                .doesNotContain("Source", "StreamReadFeature", "tools.jackson", "JsonToken.");
    }
}
