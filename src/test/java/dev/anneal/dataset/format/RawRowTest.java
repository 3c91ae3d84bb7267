package dev.anneal.dataset.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RawRowTest {
    /** Rows wait in memory until they have a number of characters, so rows of many empty values would fill it. */
    @Test
    void emptyValuesCountAsTheMemoryThatTheyTake() {
        Map<String, JsonNode> values = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            values.put("k" + i, Json.MAPPER.valueToTree(""));
        }

        assertThat(RawRow.of(1, 1, values).size()).isGreaterThan(100_000);
        assertThat(RawRow.size((JsonNode) Json.MAPPER.valueToTree(values))).isGreaterThan(100_000);
    }
}
