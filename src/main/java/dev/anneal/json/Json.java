package dev.anneal.json;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** The one JSON dialect of the project, on the wire, in Postgres and in files: snake_case, ISO 8601 times. */
public final class Json {
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private Json() {}

    /** Returns what is wrong with a JSON text, without the names and locations of the parser's own classes. */
    public static String reason(JacksonException e) {
        String message = e.getOriginalMessage();
        return message.startsWith("Trailing token")
                ? "Text follows the end of the value"
                : message.replaceAll("(?s)\\s*\\(start marker at .*\\)|\\s*\\(bound as .*\\)|, from `[^`]*`", "");
    }

    public static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    public static <T> T read(String json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }
}
