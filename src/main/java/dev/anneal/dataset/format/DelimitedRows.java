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
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads CSV by RFC 4180 with any delimiter, and TSV, in which quotation marks have no special meaning. A first line such as
 * {@code sep=;} is skipped. Without a header the columns are called column_1, column_2 and so on.
 */
final class DelimitedRows implements RowReader {
    private static final int MAX_COLUMNS = 1_000;
    // The lines in the messages of the library, which separates thousands as the locale of the machine says.
    private static final Pattern OPENED = Pattern.compile("startline ([^)]+)\\) EOF");
    private static final Pattern CLOSED = Pattern.compile("at line: (.+), position");

    private final TextReader reader;
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;
    private final boolean hasHeader;
    private final List<String> columns;
    private @Nullable CSVRecord first; // the first row of a file without a header
    // The lines of the record that was read last.
    private long line;
    private long lastLine;

    private DelimitedRows(TextReader reader, Layout layout, boolean quotes) throws IOException {
        char delimiter = Delimiter.character(layout.delimiter());
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setIgnoreEmptyLines(false) // else a row that is too long would be named by the empty line before it
                .setDelimiter(delimiter)
                .setQuote(quotes ? '"' : null)
                .get();
        this.reader = reader;
        this.hasHeader = layout.header();
        reader.limit(delimiter);
        this.parser = CSVParser.builder().setReader(reader).setFormat(format).get();
        this.records = parser.iterator();
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
        CSVRecord record = read();
        while (record != null && (isBlank(record) || line == 1 && isSepLine(record))) {
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
        List<String> names = record.stream().map(String::strip).toList();
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

    private static boolean isBlank(CSVRecord record) {
        return record.size() == 1 && record.get(0).isBlank();
    }

    private static boolean isSepLine(CSVRecord record) {
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
            CSVRecord record = first == null ? read() : first;
            first = null;
            if (record == null) {
                return null;
            }
            if (isBlank(record)) {
                continue;
            }
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

    /** Returns how many lines end within the fields of a record. */
    private static long lineEnds(CSVRecord record) {
        long ends = 0;
        for (String field : record) {
            for (int i = 0; i < field.length(); i++) {
                char c = field.charAt(i);
                ends += c == '\r' || c == '\n' && (i == 0 || field.charAt(i - 1) != '\r') ? 1 : 0;
            }
        }
        return ends;
    }

    /** Returns whether the record is the header again, as in files that were joined. */
    private boolean isHeader(CSVRecord record) {
        return hasHeader
                && columns.size() > 1
                && record.get(0).strip().equals(columns.get(0))
                && record.stream().map(String::strip).toList().equals(columns);
    }

    /** Names the line in which the quotation mark is opened, or, if it is closed too early, that one. */
    private UnreadableRow unreadable(CSVException e) {
        Matcher opened = OPENED.matcher(e.getMessage());
        Matcher closed = CLOSED.matcher(e.getMessage());
        return opened.find()
                ? new UnreadableRow(
                        line(opened),
                        "A quotation mark is opened but not closed. Close it, or double it if it is part of the text.")
                : new UnreadableRow(
                        closed.find() ? line(closed) : parser.getCurrentLineNumber() + 1,
                        "Text follows a closing quotation mark. Double each quotation mark that is part of the text.");
    }

    /** Returns the number in a message, without what separates its thousands. */
    private static long line(Matcher found) {
        return found.group(1)
                .chars()
                .filter(Character::isDigit)
                .mapToLong(c -> Character.digit(c, 10))
                .reduce(0, (number, digit) -> number * 10 + digit);
    }

    /** Reads a record, and unwraps the unchecked exception of the library: bad input is not an internal error. */
    private @Nullable CSVRecord read() throws IOException {
        try {
            CSVRecord record = records.hasNext() ? records.next() : null;
            long before = lastLine;
            lastLine = parser.getCurrentLineNumber();
            line = record == null || lastLine == before + 1 ? lastLine : lastLine - lineEnds(record);
            reader.startRow(lastLine + 1);
            return record;
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause() instanceof CSVException syntax ? unreadable(syntax) : e.getCause();
        }
    }
}
