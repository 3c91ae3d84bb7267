package dev.anneal.dataset.format;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An unchecked row of a file: its first and last line, its values by column, and the fault if it cannot be read. */
public record RawRow(
        long line,
        long lastLine,
        Map<String, JsonNode> values,
        @Nullable Fault fault) {
    /** The reason why a row cannot be read. */
    public record Fault(String code, String message) {}

    static RawRow of(long line, long lastLine, Map<String, JsonNode> values) {
        return new RawRow(line, lastLine, values, null);
    }

    static RawRow bad(long line, long lastLine, String code, String message) {
        return new RawRow(line, lastLine, Map.of(), new Fault(code, message));
    }

    RawRow withFault(String code, String message) {
        return new RawRow(line, lastLine, values, new Fault(code, message));
    }

    RawRow endingAt(long last) {
        return new RawRow(line, last, values, fault);
    }
}
