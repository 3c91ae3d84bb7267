package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
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
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JacksonException e) {
            return RawRow.bad(
                    line,
                    line,
                    "malformed_json",
                    "The line is not valid JSON: " + Json.reason(e) + "."
                            + (e instanceof UnexpectedEndOfInputException ? " Write each object on one line." : ""));
        }
        if (!node.isObject()) {
            return RawRow.bad(line, line, "malformed_json", "The line is not a JSON object.");
        }
        columns.add(node.propertyNames());
        return RawRow.of(line, line, values(node));
    }

    /** Returns the fields of an object that are not null. */
    static Map<String, JsonNode> values(JsonNode object) {
        Map<String, JsonNode> values = new HashMap<>();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!field.getValue().isNull()) {
                values.put(field.getKey(), field.getValue());
            }
        }
        return values;
    }
}
