package dev.anneal.dataset.format;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a file, one at a time. */
public interface RowReader extends Closeable {
    /** The maximum number of tokens in a row. */
    int MAX_TOKENS = 10_000;

    /** Returns the names of the file's columns. If the rows name them, those of the rows that were read, at most the first 100. */
    List<String> columns();

    /** Returns whether the rows that were read are all rows of the file. False if reading stopped at a fault. */
    default boolean isComplete() {
        return true;
    }

    /** Returns the next row, or null at the end. */
    @Nullable
    RawRow next() throws IOException;

    /** Returns the names of integer labels or tags by column, if the file has them. */
    default Map<String, Map<String, String>> labelNames() {
        return Map.of();
    }

    @Override
    default void close() throws IOException {}
}
