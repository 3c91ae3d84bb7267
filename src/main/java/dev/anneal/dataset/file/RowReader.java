package dev.anneal.dataset.file;

import java.io.IOException;
import java.util.List;

/** Reads the rows of a file, one at a time. */
interface RowReader {
    /** The names of the columns that the file has. */
    List<String> columns();

    /** The next row, or null at the end. */
    RawRow next() throws IOException;

    static RowReader of(FileFormat format, Utf8Reader reader) throws IOException {
        return switch (format) {
            case csv -> DelimitedRows.csv(reader);
            case tsv -> DelimitedRows.tsv(reader);
            case jsonl -> new JsonRows(reader);
            case conll -> new ConllRows(reader);
            case text -> new TextRows(reader);
        };
    }
}
