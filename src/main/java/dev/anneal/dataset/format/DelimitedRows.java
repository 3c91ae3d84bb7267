package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads CSV by RFC 4180, and TSV, in which quotation marks have no special meaning. */
final class DelimitedRows implements RowReader {
    private static final int MAX_COLUMNS = 1_000;
    // The lines in the messages of the library.
    private static final Pattern OPENED = Pattern.compile("startline (\\d+)\\) EOF");
    private static final Pattern CLOSED = Pattern.compile("at line: (\\d+)");

    private final Utf8Reader reader;
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;
    private final List<String> columns;

    private DelimitedRows(CSVFormat format, Utf8Reader reader) throws IOException {
        this.reader = reader;
        this.parser = CSVParser.builder().setReader(reader).setFormat(format).get();
        this.records = parser.iterator();
        this.columns = header();
    }

    static RowReader csv(Utf8Reader reader) throws IOException {
        return new DelimitedRows(
                CSVFormat.RFC4180.builder().setIgnoreEmptyLines(false).get(), reader);
    }

    static RowReader tsv(Utf8Reader reader) throws IOException {
        return new DelimitedRows(
                CSVFormat.RFC4180
                        .builder()
                        .setIgnoreEmptyLines(false)
                        .setDelimiter('\t')
                        .setQuote(null)
                        .get(),
                reader);
    }

    private List<String> header() throws IOException {
        CSVRecord first = read();
        if (first == null) {
            throw Problem.unprocessable("empty_file", "The file is empty.");
        }
        if (first.size() > MAX_COLUMNS) {
            throw Problem.unprocessable(
                    "too_many_columns",
                    "The header has %,d columns, which is more than %,d. Remove columns that are not needed."
                            .formatted(first.size(), MAX_COLUMNS));
        }
        List<String> names = first.stream().map(String::strip).toList();
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw Problem.unprocessable(
                        "duplicate_column",
                        "The header contains the column '" + Problem.quote(name) + "' twice. Rename or remove one.");
            }
        }
        return names;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        while (true) {
            long line = parser.getCurrentLineNumber() + 1;
            CSVRecord record = read();
            if (record == null) {
                return null;
            }
            long last = Math.max(line, parser.getCurrentLineNumber());
            if (record.size() == 1 && record.get(0).isBlank()) {
                continue;
            }
            if (record.size() != columns.size()) {
                return RawRow.bad(
                        line,
                        last,
                        "wrong_field_count",
                        "The row has %d %s, but the header has %d."
                                .formatted(record.size(), record.size() == 1 ? "field" : "fields", columns.size()));
            }
            Map<String, JsonNode> values = new HashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                values.put(columns.get(i), Json.MAPPER.getNodeFactory().stringNode(record.get(i)));
            }
            return RawRow.of(line, last, values);
        }
    }

    /** Names the line in which the quotation mark is opened, or, if it is closed too early, that one. */
    private UnreadableRow unreadable(CSVException e) {
        Matcher opened = OPENED.matcher(e.getMessage());
        Matcher closed = CLOSED.matcher(e.getMessage());
        return opened.find()
                ? new UnreadableRow(
                        Long.parseLong(opened.group(1)),
                        "A quotation mark is opened but not closed. Close it, or double it if it is part of the text.")
                : new UnreadableRow(
                        closed.find() ? Long.parseLong(closed.group(1)) : parser.getCurrentLineNumber() + 1,
                        "Text follows a closing quotation mark. Double each quotation mark that is part of the text.");
    }

    /** Reads a record, and unwraps the unchecked exception of the library: bad input is not an internal error. */
    private @Nullable CSVRecord read() throws IOException {
        try {
            CSVRecord record = records.hasNext() ? records.next() : null;
            reader.startRow(parser.getCurrentLineNumber() + 1);
            return record;
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause() instanceof CSVException syntax ? unreadable(syntax) : e.getCause();
        }
    }
}
