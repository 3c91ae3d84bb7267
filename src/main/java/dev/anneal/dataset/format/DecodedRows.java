package dev.anneal.dataset.format;

import dev.anneal.dataset.unpack.Encoding;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a text file. A row with bytes that are not text in the encoding is faulty. If its lines tell, it is found here. */
final class DecodedRows implements RowReader {
    private final TextReader source;
    private final RowReader rows;

    DecodedRows(TextReader source, RowReader rows) {
        this.source = source;
        this.rows = rows;
    }

    @Override
    public List<String> columns() {
        return rows.columns();
    }

    @Override
    public boolean isComplete() {
        return rows.isComplete();
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        RawRow row = rows.next();
        return row != null && !source.marksCharacters() && source.hasInvalidBytes(row.line(), row.lastLine())
                ? row.withFault(fault(source.encoding()))
                : row;
    }

    /** Returns the fault of a row with bytes that are not text in an encoding. */
    static RawRow.Fault fault(Encoding encoding) {
        return encoding == Encoding.UTF_8
                ? RawRow.Fault.error(
                        "invalid_utf8",
                        "The row contains bytes that are not UTF-8. Save the file as UTF-8, or name its encoding in"
                                + " 'encoding', for example windows-1252.")
                : RawRow.Fault.error(
                        "invalid_encoding",
                        "The row contains bytes that are not text in %s. Name the file's encoding in 'encoding'."
                                .formatted(encoding.title()));
    }
}
