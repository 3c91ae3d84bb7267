package dev.anneal.dataset.format;

import dev.anneal.dataset.unpack.Encoding;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Decodes a text file. Replaces invalid bytes and remembers their lines until the rows on them were asked for, so that these can
 * be refused. Also limits the size of a row in memory.
 */
final class TextReader extends Reader {
    private static final int READ_AHEAD = 4096;

    /** The most lines or characters with invalid bytes in one row, or between two rows. */
    private static final int MAX_BAD = 100_000;

    private final InputStream in;
    private final long maxRow;
    // An empty field takes twenty times the memory of its comma.
    private final long maxSeparators;
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
    private final Encoding encoding;
    private final CharsetDecoder decoder;
    /** Lines, or the numbers of characters from 1. */
    private final Deque<Long> bad = new ArrayDeque<>();

    private boolean byCharacter;
    private long line = 1;
    private long characters;
    private long rowLine = 1;
    private long sinceRow;
    private long separators;
    private boolean first = true;
    private boolean ended;
    private boolean afterReturn;
    private char delimiter = ',';

    TextReader(InputStream in, Encoding encoding, long maxRow) {
        this.in = in;
        this.encoding = encoding;
        this.decoder = encoding.charset().newDecoder();
        this.maxRow = maxRow;
        this.maxSeparators = maxRow / 16;
    }

    Encoding encoding() {
        return encoding;
    }

    /** Sets the character of which a row may have only so many. */
    void limit(char delimiter) {
        this.delimiter = delimiter;
    }

    /** Resets the limit because a row is complete. The next begins in this line, or after it. */
    void startRow(long line) {
        rowLine = line;
        sinceRow = 0;
        separators = 0;
    }

    /** Remembers invalid bytes by their characters, not by their lines: many rows may be on one line. */
    void markCharacters() {
        byCharacter = true;
    }

    boolean marksCharacters() {
        return byCharacter;
    }

    /**
     * Returns whether a row contains bytes that are not text in the encoding. Rows are asked for in their order, so what is before this
     * one is forgotten.
     *
     * @param from its first line, or its first character, counted from 1
     * @param to its last line or character
     */
    boolean hasInvalidBytes(long from, long to) {
        while (!bad.isEmpty() && bad.getFirst() < from) {
            bad.removeFirst();
        }
        return !bad.isEmpty() && bad.getFirst() <= to;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        // What is read ahead counts for the row, and the parser's buffer may be as long as a row.
        CharBuffer out =
                CharBuffer.wrap(target, offset, Math.min(length, READ_AHEAD)).slice();
        while (out.position() == 0) {
            if (!ended && bytes.remaining() < 8) {
                fill();
            }
            if (ended && !bytes.hasRemaining()) {
                return -1;
            }
            decode(out);
        }
        characters += out.position();
        sinceRow += out.position();
        if (sinceRow > maxRow) {
            throw tooLong(maxRow, "characters");
        }
        if (separators > maxSeparators) {
            throw tooLong(maxSeparators, "delimiters");
        }
        if (first) {
            first = false;
            if (target[offset] == '\uFEFF') { // a byte order mark, as Excel writes one
                characters--;
                System.arraycopy(target, offset + 1, target, offset, out.position() - 1);
                return out.position() == 1 ? read(target, offset, length) : out.position() - 1;
            }
        }
        return out.position();
    }

    private UnreadableRow tooLong(long limit, String what) {
        return new UnreadableRow(
                rowLine,
                "The row has more than %,d %s. Check that each quotation mark is closed.".formatted(limit, what));
    }

    private void decode(CharBuffer out) throws IOException {
        int start = out.position();
        CoderResult result = decoder.decode(bytes, out, ended);
        for (int i = start; i < out.position(); i++) {
            char c = out.get(i);
            line += c == '\r' || (c == '\n' && !afterReturn) ? 1 : 0; // \n, \r and \r\n end a line
            afterReturn = c == '\r';
            separators += c == delimiter ? 1 : 0;
        }
        if (result.isError() && out.hasRemaining()) {
            addBad(byCharacter ? characters + out.position() + 1 : line);
            bytes.position(bytes.position() + result.length());
            out.put('\uFFFD');
            decoder.reset();
        } else if (result.isOverflow() && out.position() == 0) {
            throw new IOException("a buffer of " + out.capacity() + " characters is too small to decode into");
        }
    }

    private void addBad(long place) throws UnreadableRow {
        if (bad.isEmpty() || bad.getLast() != place) {
            bad.addLast(place);
        }
        if (bad.size() > MAX_BAD) {
            throw new UnreadableRow(
                    rowLine,
                    "The row has more than %,d %s with bytes that are not text in %s. Name the file's encoding in 'encoding'."
                            .formatted(MAX_BAD, byCharacter ? "places" : "lines", encoding.title()));
        }
    }

    private void fill() throws IOException {
        bytes.compact();
        int n = in.read(bytes.array(), bytes.position(), bytes.remaining());
        if (n < 0) {
            ended = true;
        } else {
            bytes.position(bytes.position() + n);
        }
        bytes.flip();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
