package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads CSV by RFC 4180 with any delimiter, and TSV, in which quotation marks have no special meaning. A first line such as
 * {@code sep=;} is skipped. Without a header the columns are called column_1, column_2 and so on.
 */
final class DelimitedRows implements RowReader {
    private static final int MAX_COLUMNS = 1_000;

    private final TextReader reader;
    private final DelimitedText records;
    private final boolean hasHeader;
    private final List<String> columns;
    private @Nullable List<String> first; // the first row of a file without a header

    private DelimitedRows(TextReader reader, Layout layout, boolean quotes) throws IOException {
        char delimiter = Delimiter.character(layout.delimiter());
        this.reader = reader;
        this.hasHeader = layout.header();
        reader.limit(delimiter);
        this.records = new DelimitedText(reader, delimiter, quotes);
        this.columns = header();
    }

    static RowReader csv(TextReader reader, Layout layout) throws IOException {
        return layout.delimiter().equals(Delimiter.FIRST_SPACE)
                ? new FirstSpaceRows(reader, layout.header())
                : new DelimitedRows(reader, layout, true);
    }

    static RowReader tsv(TextReader reader, Layout layout) throws IOException {
        return new DelimitedRows(reader, layout, false);
    }

    /** Returns the names of columns that have none. */
    static List<String> numbered(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "column_" + i).toList();
    }

    private List<String> header() throws IOException {
        List<String> record = read();
        while (record != null && (isBlank(record) || records.lastLine() == 1 && isSepLine(record))) {
            record = read();
        }
        if (record == null) {
            throw Problem.unprocessable("empty_file", "The file is empty.");
        }
        if (record.size() > MAX_COLUMNS) {
            throw Problem.unprocessable(
                    "too_many_columns",
                    "The header has %,d columns, which is more than %,d. Remove columns that are not needed."
                            .formatted(record.size(), MAX_COLUMNS));
        }
        if (!hasHeader) {
            first = record;
            return numbered(record.size());
        }
        List<String> names = named(record.stream().map(String::strip).toList());
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw Problem.unprocessable(
                        "duplicate_column",
                        "The header contains the column '" + Problem.quote(name)
                                + "' twice. Rename or remove one. If the first line is not a header, set 'header' to false.");
            }
        }
        return names;
    }

    /** Returns the header with names for columns without one, such as that of the row numbers in a file of pandas. */
    private static List<String> named(List<String> header) {
        return IntStream.range(0, header.size())
                .mapToObj(i -> named(i, header.get(i)))
                .toList();
    }

    private static String named(int column, String header) {
        return header.isEmpty() ? "column_" + (column + 1) : header;
    }

    private static boolean isBlank(List<String> record) {
        return record.size() == 1 && record.get(0).isBlank();
    }

    private static boolean isSepLine(List<String> record) {
        String first = record.get(0);
        return first.regionMatches(true, 0, "sep=", 0, 4)
                && (first.length() == 4
                        ? record.size() == 2 && record.get(1).isEmpty()
                        : first.length() == 5 && record.size() == 1);
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        while (true) {
            List<String> record = first == null ? read() : first;
            first = null;
            if (record == null) {
                return null;
            }
            if (isBlank(record)) {
                continue;
            }
            long line = records.firstLine();
            long lastLine = records.lastLine();
            if (record.size() != columns.size()) {
                return RawRow.bad(
                        line,
                        lastLine,
                        "wrong_field_count",
                        "The row has %d %s, but the %s has %d."
                                .formatted(
                                        record.size(),
                                        record.size() == 1 ? "field" : "fields",
                                        hasHeader ? "header" : "first row",
                                        columns.size()));
            }
            if (isHeader(record)) {
                return RawRow.skipped(
                        line, lastLine, "repeated_header", "The line repeats the header. It is not read as a row.");
            }
            Map<String, JsonNode> values = new HashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                values.put(columns.get(i), Json.MAPPER.getNodeFactory().stringNode(record.get(i)));
            }
            return RawRow.of(line, lastLine, values);
        }
    }

    /** Returns whether the record is the header again, as in files that were joined. */
    private boolean isHeader(List<String> record) {
        return hasHeader
                && columns.size() > 1
                && named(0, record.get(0).strip()).equals(columns.get(0))
                && named(record.stream().map(String::strip).toList()).equals(columns);
    }

    private @Nullable List<String> read() throws IOException {
        List<String> record = records.next();
        reader.startRow(records.lastLine() + 1);
        return record;
    }
}
