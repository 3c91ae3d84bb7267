package dev.anneal.dataset.format;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of delimited text, as in RFC 4180: a field in quotation marks may contain delimiters, line ends, and doubled
 * quotation marks. White space may follow the closing one. A line ends with \n, \r or \r\n.
 */
final class DelimitedText {
    private static final int BUFFER = 1 << 13;
    private static final int LARGE = 1 << 16;
    private static final int END = -1;

    private final Reader reader;
    private final char delimiter;
    private final boolean quotes;
    private final char[] buffer = new char[BUFFER];
    private int at;
    private int end;
    private StringBuilder part =
            new StringBuilder(); // the beginning of a field that the buffer does not hold as a whole
    private int width;
    private boolean afterReturn;
    private long firstLine;
    private long line; // the last one that has ended

    /**
     * @param quotes whether quotation marks have their meaning
     */
    DelimitedText(Reader reader, char delimiter, boolean quotes) {
        this.reader = reader;
        this.delimiter = delimiter;
        this.quotes = quotes;
    }

    /** Returns the line in which the last record begins. */
    long firstLine() {
        return firstLine;
    }

    /** Returns the line in which the last record ends. */
    long lastLine() {
        return line;
    }

    /** Returns the fields of the next record, or null at the end. An empty line is a record with an empty field. */
    @Nullable
    List<String> next() throws IOException {
        if (peek() == '\n' && afterReturn) {
            at++;
        }
        if (peek() == END) {
            return null;
        }
        firstLine = line + 1;
        List<String> fields = new ArrayList<>(width);
        int last;
        do {
            last = quotes && peek() == '"' ? quoted(fields) : plain(fields);
        } while (last == delimiter);
        line++;
        afterReturn = last == '\r';
        width = fields.size();
        return fields;
    }

    /** Adds a field, and returns the character that ends it. */
    private int plain(List<String> fields) throws IOException {
        while (true) {
            int i = at;
            while (i < end && buffer[i] != delimiter && buffer[i] != '\n' && buffer[i] != '\r') {
                i++;
            }
            if (i < end) {
                fields.add(text(at, i));
                at = i + 1;
                return buffer[i];
            }
            part.append(buffer, at, end - at);
            if (!fill()) {
                fields.add(text(0, 0));
                return END;
            }
        }
    }

    /** Adds a field that begins with a quotation mark, and returns the character that ends it. */
    private int quoted(List<String> fields) throws IOException {
        long opened = line + 1;
        at++;
        afterReturn = false;
        while (true) {
            int from = at;
            at = mark(from);
            if (at + 1 < end && buffer[at + 1] != '"') {
                fields.add(text(from, at++));
                return afterMark();
            }
            part.append(buffer, from, at - from);
            if (at == end) {
                if (!fill()) {
                    throw new UnreadableRow(
                            opened,
                            "A quotation mark is opened but not closed. Close it, or double it if it is part of the text.");
                }
                continue;
            }
            at++;
            if (peek() != '"') {
                fields.add(text(0, 0));
                return afterMark();
            }
            part.append('"');
            at++;
            afterReturn = false;
        }
    }

    /** Returns where the next quotation mark in the buffer is, or its end. Counts the lines before it. */
    private int mark(int from) {
        int i = from;
        boolean isReturn = afterReturn;
        for (; i < end && buffer[i] != '"'; i++) {
            char c = buffer[i];
            line += c == '\r' || c == '\n' && !isReturn ? 1 : 0;
            isReturn = c == '\r';
        }
        afterReturn = isReturn;
        return i;
    }

    /** Returns the character that ends a field after its closing quotation mark. */
    private int afterMark() throws IOException {
        while (true) {
            int c = peek();
            at++;
            if (c == delimiter || c == '\n' || c == '\r' || c == END) {
                return c;
            }
            if (!Character.isWhitespace((char) c)) {
                throw new UnreadableRow(
                        line + 1,
                        "Text follows a closing quotation mark. Double each quotation mark that is part of the text.");
            }
        }
    }

    /** Returns a text whose end is in the buffer. */
    private String text(int from, int to) {
        if (part.isEmpty()) {
            return new String(buffer, from, to - from);
        }
        String text = part.append(buffer, from, to - from).toString();
        if (part.capacity() > LARGE) {
            part = new StringBuilder();
        } else {
            part.setLength(0);
        }
        return text;
    }

    private int peek() throws IOException {
        return at < end || fill() ? buffer[at] : END;
    }

    /** Reads the next characters. Returns false at the end. */
    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(0, reader.read(buffer, 0, BUFFER));
        return end > 0;
    }
}
