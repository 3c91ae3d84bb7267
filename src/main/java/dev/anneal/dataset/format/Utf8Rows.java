package dev.anneal.dataset.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a text file. A row on whose lines there are bytes that are not UTF-8 is faulty. */
final class Utf8Rows implements RowReader {
    private final Utf8Reader source;
    private final RowReader rows;

    Utf8Rows(Utf8Reader source, RowReader rows) {
        this.source = source;
        this.rows = rows;
    }

    @Override
    public List<String> columns() {
        return rows.columns();
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        RawRow row = rows.next();
        return row != null && source.hasInvalidBytes(row.line(), row.lastLine())
                ? row.withFault("invalid_utf8", "The row contains bytes that are not UTF-8. Save the file as UTF-8.")
                : row;
    }
}
