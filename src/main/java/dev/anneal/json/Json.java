package dev.anneal.json;

import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;

/** The one JSON dialect of the project, on the wire, in Postgres and in files: snake_case, ISO 8601 times. */
public final class Json {
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Reads what users write: an object that has a field twice is refused, because only one value would count. */
    public static final JsonMapper STRICT = MAPPER.rebuild()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private static final Pattern INTERNALS = Pattern.compile(
            "\\s*\\(start marker at .*\\)|\\s*\\(bound as .*\\)|, from `[^`]*`| of type `[^`]*`(?= from)"
                    + "| for Enum class(?=:)| \\(token `JsonToken[^)]*\\)",
            Pattern.DOTALL);

    private Json() {}

    /**
     * Returns what is wrong with a JSON text, without parser locations and class names. Use it in place of the exception's message
     * if a user reads the text.
     */
    public static String reason(JacksonException e) {
        String field = e.getPath().stream()
                .map(JacksonException.Reference::getPropertyName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("."));
        return (field.isEmpty() ? "" : "'" + field + "': ") + withoutField(e);
    }

    private static String withoutField(JacksonException e) {
        String message = e.getOriginalMessage();
        if (message.startsWith("Duplicate ") || e instanceof StreamReadException && !isLimit(e)) {
            return JsonSyntax.reason(message);
        }
        if (message.startsWith("Trailing token")) {
            return "Text follows the end of the value";
        }
        if (e instanceof ValueInstantiationException && e.getCause() instanceof IllegalArgumentException refused) {
            return String.valueOf(refused.getMessage());
        }
        return message.startsWith("Cannot construct instance")
                ? "The value has the wrong type"
                : INTERNALS.matcher(message).replaceAll("");
    }

    private static boolean isLimit(JacksonException e) {
        return e instanceof StreamConstraintsException;
    }

    public static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    public static <T> T read(String json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }
}
