package dev.anneal.dataset.file;

import dev.anneal.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Running text: what blank lines separate is a row. One of more than {@value #MAX_ROW} characters is cut after the last line
 * that still fits, or, where a single line is as long, after the last space in it.
 */
final class TextRows implements RowReader {
    static final int MAX_ROW = 4_000;

    private final Utf8Reader source;
    private final BufferedReader reader;
    private final StringBuilder held = new StringBuilder();
    private int lineStart; // in what is held
    private long line = 1; // in the file
    private long firstLine = 1; // of what is held
    private boolean afterReturn;

    TextRows(Utf8Reader source) {
        this.source = source;
        this.reader = new BufferedReader(source);
    }

    @Override
    public List<String> columns() {
        return List.of("text");
    }

    @Override
    public RawRow next() throws IOException {
        for (int c = reader.read(); c >= 0; c = reader.read()) {
            boolean secondOfTwo = c == '\n' && afterReturn; // \r\n is one end of a line
            afterReturn = c == '\r';
            RawRow row = secondOfTwo ? null : c == '\n' || c == '\r' ? lineEnd() : character((char) c);
            if (row != null) {
                return row;
            }
        }
        return cut(held.length(), held.length());
    }

    private RawRow lineEnd() {
        RawRow row = null;
        if (!held.substring(lineStart).isBlank()) {
            held.append('\n');
            lineStart = held.length();
        } else {
            row = cut(lineStart, held.length());
        }
        line++;
        firstLine = held.isEmpty() ? line : firstLine;
        return row;
    }

    private RawRow character(char c) {
        held.append(c);
        if (held.length() <= MAX_ROW) {
            return null;
        }
        if (lineStart > 0) {
            return cut(lineStart, lineStart);
        }
        int space = held.lastIndexOf(" ");
        int whole = held.length() - (Character.isLowSurrogate(c) ? 2 : 1);
        int at = space >= MAX_ROW / 2 ? space + 1 : whole;
        return cut(at, at);
    }

    /** What is held before the end becomes a row, null where it is blank; what comes from the rest on is still held. */
    private RawRow cut(int end, int rest) {
        String text = held.substring(0, end).stripTrailing();
        long lastLine = end == lineStart ? line - 1 : line;
        RawRow row = text.isEmpty()
                ? null
                : RawRow.of(
                        firstLine,
                        lastLine,
                        Map.of("text", Json.MAPPER.getNodeFactory().stringNode(text)));
        held.delete(0, rest);
        lineStart = 0;
        firstLine = line;
        source.rowDone();
        return row;
    }
}
