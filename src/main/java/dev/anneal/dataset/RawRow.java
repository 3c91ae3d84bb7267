package dev.anneal.dataset;

import java.util.Map;

/** A row as it stands in the file: its first and last line, its values by column, or what made it unreadable. */
record RawRow(long line, long lastLine, Map<String, String> values, String code, String message) {
    /** Stands for a value that is a list or an object. Compared by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    static final String NOT_SCALAR = new String("not a scalar");

    static RawRow of(long line, long lastLine, Map<String, String> values) {
        return new RawRow(line, lastLine, values, null, null);
    }

    static RawRow bad(long line, long lastLine, String code, String message) {
        return new RawRow(line, lastLine, Map.of(), code, message);
    }
}
