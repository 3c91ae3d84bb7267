package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import dev.anneal.json.NumberLiteral;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSONL: an object on each line. The names in the first objects are the columns. */
final class JsonLines implements RowReader {
    // The values of a list take many times the memory of their text.
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(500_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS) // of a value: other fields follow
            .build();

    private final TextReader source;
    private final BufferedReader reader;
    private final SeenColumns columns = new SeenColumns();
    private @Nullable RawRow first;
    private long line;

    JsonLines(TextReader source) throws IOException {
        this.source = source;
        this.reader = new BufferedReader(source);
        this.first = read();
    }

    static boolean isJsonLines(String start) {
        return start.stripLeading().startsWith("{");
    }

    @Override
    public List<String> columns() {
        return columns.names();
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        RawRow row = first;
        first = null;
        return row != null ? row : read();
    }

    private @Nullable RawRow read() throws IOException {
        while (true) {
            String text = reader.readLine();
            if (text == null) {
                return null;
            }
            line++;
            source.startRow(line + 1);
            if (!text.isBlank()) {
                return parse(text);
            }
        }
    }

    private RawRow parse(String text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                parser.nextToken(); // throws if other text follows
                return bad("The line is not a JSON object.");
            }
            Map<String, JsonNode> values = values(parser, MAPPER, columns);
            return parser.nextToken() == null
                    ? RawRow.of(line, line, values)
                    : bad("The line is not valid JSON: Text follows the end of the value.");
        } catch (JacksonException e) {
            return bad("The line is not valid JSON: " + Json.reason(e) + "."
                    + (e instanceof UnexpectedEndOfInputException ? " Write each object on one line." : ""));
        }
    }

    private RawRow bad(String message) {
        return RawRow.bad(line, line, "malformed_json", message);
    }

    /**
     * Reads an object whose first token was read. Returns its fields that are not null. Numbers keep the text that they have in the
     * file, because they may be texts or labels.
     */
    static Map<String, JsonNode> values(JsonParser parser, JsonMapper mapper, SeenColumns columns) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        boolean hasNull = false;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonNode value = value(parser, mapper);
            hasNull |= value.isNull();
            if (values.put(name, value) != null) {
                throw new StreamReadException(parser, "Duplicate property \"" + name + "\"");
            }
        }
        columns.add(values.keySet());
        if (hasNull) {
            values.values().removeIf(JsonNode::isNull);
        }
        return values;
    }

    private static JsonNode value(JsonParser parser, JsonMapper mapper) {
        return switch (parser.nextToken()) {
            case VALUE_STRING -> mapper.getNodeFactory().stringNode(parser.getString());
            case VALUE_NUMBER_FLOAT -> new NumberLiteral(parser.getString(), parser.getDoubleValue());
            case VALUE_NUMBER_INT -> isMinusZero(parser) ? new NumberLiteral("-0", -0.0) : mapper.readTree(parser);
            default -> mapper.readTree(parser);
        };
    }

    /** Returns whether an integer is -0, which is the only one that would lose its form. */
    private static boolean isMinusZero(JsonParser parser) {
        return parser.getStringLength() == 2 && parser.getString().equals("-0");
    }
}
