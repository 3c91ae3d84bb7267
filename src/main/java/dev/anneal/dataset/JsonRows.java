package dev.anneal.dataset;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** JSONL: an object a line. The columns are the names in the first object. */
final class JsonRows implements RowReader {
    private final Utf8Reader source;
    private final BufferedReader reader;
    private List<String> columns = List.of();
    private RawRow first;
    private long line;

    JsonRows(Utf8Reader source) throws IOException {
        this.source = source;
        this.reader = new BufferedReader(source);
        this.first = read();
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public RawRow next() throws IOException {
        RawRow row = first;
        first = null;
        return row != null ? row : read();
    }

    private RawRow read() throws IOException {
        while (true) {
            String text = reader.readLine();
            if (text == null) {
                return null;
            }
            line++;
            source.rowDone();
            if (!text.isBlank()) {
                return parse(text);
            }
        }
    }

    private RawRow parse(String text) {
        JsonNode node;
        try {
            node = Json.MAPPER.readTree(text);
        } catch (JacksonException e) {
            return RawRow.bad(line, line, "malformed_json", "The line is not valid JSON: " + e.getOriginalMessage());
        }
        if (!node.isObject()) {
            return RawRow.bad(line, line, "malformed_json", "The line is not a JSON object.");
        }
        if (columns.isEmpty()) {
            columns = List.copyOf(node.propertyNames());
        }
        Map<String, String> values = new HashMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            JsonNode value = field.getValue();
            if (!value.isNull()) {
                values.put(field.getKey(), value.isContainer() ? RawRow.NOT_SCALAR : value.asString());
            }
        }
        return RawRow.of(line, line, values);
    }
}
