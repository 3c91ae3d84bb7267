package dev.anneal.dataset.format;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An unchecked row of a file: its first and last line, its values by column, and the fault if it cannot be read. A row with a
 * warning is skipped. The file is the one in a zip that the row comes from, or null.
 */
public record RawRow(
        long line,
        long lastLine,
        Map<String, JsonNode> values,
        @Nullable Fault fault,
        @Nullable String file) {
    /** The memory of a value besides its characters. With it empty values are not free. */
    private static final int OF_NODE = 64;

    /** The memory of the place of a value in an object or a row. */
    private static final int OF_ENTRY = 48;

    /** The reason why a row cannot be read, or is skipped with a warning. */
    public record Fault(String code, String message, boolean isWarning) {
        static Fault error(String code, String message) {
            return new Fault(code, message, false);
        }
    }

    public static RawRow of(long line, long lastLine, Map<String, JsonNode> values) {
        return new RawRow(line, lastLine, values, null, null);
    }

    public static RawRow bad(long line, long lastLine, String code, String message) {
        return new RawRow(line, lastLine, Map.of(), Fault.error(code, message), null);
    }

    static RawRow skipped(long line, long lastLine, String code, String message) {
        return new RawRow(line, lastLine, Map.of(), new Fault(code, message, true), null);
    }

    RawRow withFault(Fault other) {
        return new RawRow(line, lastLine, values, other, file);
    }

    RawRow endingAt(long last) {
        return new RawRow(line, last, values, fault, file);
    }

    /** Returns the row as one of a file in a zip. */
    RawRow in(String name) {
        return new RawRow(line, lastLine, values, fault, name);
    }

    /** Returns the row with more values. */
    public RawRow with(Map<String, JsonNode> more) {
        Map<String, JsonNode> all = new HashMap<>(values);
        all.putAll(more);
        return new RawRow(line, lastLine, all, fault, file);
    }

    /** Returns about how much memory the values take, as a number of characters. */
    public long size() {
        return size(values);
    }

    /** Returns about how much memory named values take, as a number of characters. */
    public static long size(Map<String, JsonNode> values) {
        long size = 0;
        for (Map.Entry<String, JsonNode> value : values.entrySet()) {
            size += OF_ENTRY + value.getKey().length() + size(value.getValue());
        }
        return size;
    }

    /** Returns about how much memory a value takes, as a number of characters. */
    public static long size(JsonNode value) {
        long size = OF_NODE;
        if (value.isString()) {
            size += value.stringValue().length();
        } else if (value.isFloatingPointNumber()) {
            size += value.asString().length();
        } else if (value.isObject()) {
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                size += OF_ENTRY + field.getKey().length() + size(field.getValue());
            }
        } else {
            for (JsonNode element : value) {
                size += size(element);
            }
        }
        return size;
    }
}
