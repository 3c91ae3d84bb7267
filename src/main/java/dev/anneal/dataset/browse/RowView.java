package dev.anneal.dataset.browse;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import dev.anneal.json.Json;
import java.util.Map;
import tools.jackson.core.type.TypeReference;

/** A row on the wire: its number, its split, and the fields of its content on the same level. */
record RowView(long number, String split, @JsonAnyGetter Map<String, Object> content) {
    private static final TypeReference<Map<String, Object>> CONTENT = new TypeReference<>() {};

    static RowView of(long number, String split, String content) {
        return new RowView(number, split, Json.MAPPER.readValue(content, CONTENT));
    }
}
