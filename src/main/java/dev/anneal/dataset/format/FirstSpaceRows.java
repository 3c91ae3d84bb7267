package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads lines of two fields, which the first space separates, such as a label and a text. Blank lines are skipped. */
final class FirstSpaceRows implements RowReader {
    private final TextReader source;
    private final BufferedReader reader;
    private final List<String> columns;
    private long line;

    FirstSpaceRows(TextReader source, boolean hasHeader) throws IOException {
        this.source = source;
        this.reader = new BufferedReader(source);
        this.columns = hasHeader ? header() : DelimitedRows.numbered(2);
    }

    private List<String> header() throws IOException {
        String text = read();
        int space = text == null ? -1 : text.indexOf(' ');
        if (text == null || space < 0) {
            throw Problem.unprocessable(
                    "missing_column",
                    "The first line has no space, so it does not name two columns. If it is not a header, set 'header' to"
                            + " false.");
        }
        String first = text.substring(0, space).strip();
        String second = text.substring(space).strip();
        if (first.equals(second)) {
            throw Problem.unprocessable(
                    "duplicate_column",
                    "The header contains the column '" + Problem.quote(first) + "' twice. Rename one.");
        }
        return List.of(first, second);
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        String text = read();
        if (text == null) {
            return null;
        }
        int space = text.indexOf(' ');
        if (space < 0) {
            return RawRow.bad(
                    line, line, "wrong_field_count", "The line has no space, so it has only one of the two fields.");
        }
        return RawRow.of(
                line,
                line,
                Map.of(
                        columns.get(0), Json.MAPPER.getNodeFactory().stringNode(text.substring(0, space)),
                        columns.get(1), Json.MAPPER.getNodeFactory().stringNode(text.substring(space + 1))));
    }

    /** Returns the next line that is not blank, or null at the end. */
    private @Nullable String read() throws IOException {
        for (String text = reader.readLine(); text != null; text = reader.readLine()) {
            line++;
            source.startRow(line + 1);
            if (!text.isBlank()) {
                return text;
            }
        }
        return null;
    }
}
