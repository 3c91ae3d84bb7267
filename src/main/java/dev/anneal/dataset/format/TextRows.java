package dev.anneal.dataset.format;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads plain text, in which blank lines separate rows. A row of more than {@value #MAX_ROW} characters is split after the
 * last line that fits, or, if a single line is too long, after its last space.
 */
final class TextRows implements RowReader {
    static final int MAX_ROW = 4_000;

    private final TextReader source;
    private final BufferedReader reader;
    private final StringBuilder pending = new StringBuilder();
    private int lineStart; // index of the current line in the pending text
    private long line = 1; // number of the current line in the file
    private long firstLine = 1; // number of the first pending line
    private boolean afterReturn;

    TextRows(TextReader source) {
        this.source = source;
        this.reader = new BufferedReader(source);
    }

    @Override
    public List<String> columns() {
        return List.of("text");
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        for (int c = reader.read(); c >= 0; c = reader.read()) {
            boolean endsCrLf = c == '\n' && afterReturn; // \r\n is one end of a line
            afterReturn = c == '\r';
            RawRow row = endsCrLf ? null : c == '\n' || c == '\r' ? lineEnd() : character((char) c);
            if (row != null) {
                return row;
            }
        }
        return cut(pending.length(), pending.length());
    }

    private @Nullable RawRow lineEnd() {
        @Nullable RawRow row = null;
        if (!pending.substring(lineStart).isBlank()) {
            pending.append('\n');
            lineStart = pending.length();
        } else {
            row = cut(lineStart, pending.length());
        }
        line++;
        firstLine = pending.isEmpty() ? line : firstLine;
        return row;
    }

    private @Nullable RawRow character(char c) {
        pending.append(c);
        if (pending.length() <= MAX_ROW) {
            return null;
        }
        if (lineStart > 0) {
            return cut(lineStart, lineStart);
        }
        int space = pending.lastIndexOf(" ");
        int whole = pending.length() - (Character.isLowSurrogate(c) ? 2 : 1);
        int at = space >= MAX_ROW / 2 ? space + 1 : whole;
        return cut(at, at);
    }

    /** Returns the pending text before {@code end} as a row, or null if it is blank. Text from {@code rest} on stays pending. */
    private @Nullable RawRow cut(int end, int rest) {
        String text = pending.substring(0, end).stripTrailing();
        long lastLine = end == lineStart ? line - 1 : line;
        RawRow row = text.isEmpty()
                ? null
                : RawRow.of(
                        firstLine,
                        lastLine,
                        Map.of("text", Json.MAPPER.getNodeFactory().stringNode(text)));
        pending.delete(0, rest);
        lineStart = 0;
        firstLine = line;
        source.startRow(line);
        return row;
    }
}
