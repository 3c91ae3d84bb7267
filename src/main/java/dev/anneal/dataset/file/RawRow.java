package dev.anneal.dataset.file;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A row as it stands in the file: its first and last line, its values by column, or what made it unreadable. */
record RawRow(long line, long lastLine, Map<String, JsonNode> values, String code, String message) {
    static RawRow of(long line, long lastLine, Map<String, JsonNode> values) {
        return new RawRow(line, lastLine, values, null, null);
    }

    static RawRow bad(long line, long lastLine, String code, String message) {
        return new RawRow(line, lastLine, Map.of(), code, message);
    }

    RawRow until(long last) {
        return new RawRow(line, last, values, code, message);
    }
}
