package dev.anneal.dataset.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a file, one at a time. */
public interface RowReader {
    /** The maximum number of tokens in a row. */
    int MAX_TOKENS = 10_000;

    /** Returns the names of the file's columns. Empty until a row has named them. */
    List<String> columns();

    /** Returns the next row, or null at the end. */
    @Nullable
    RawRow next() throws IOException;
}
