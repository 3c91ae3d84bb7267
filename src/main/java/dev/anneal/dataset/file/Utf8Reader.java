package dev.anneal.dataset.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Decodes UTF-8 strictly without stopping: bytes that are none are replaced, and their lines remembered (the first
 * 100,000), so that the rows on them can be refused by line. It also bounds what one row may hold in memory.
 */
final class Utf8Reader extends Reader {
    private static final int MAX_BAD_LINES = 100_000;

    /** A row so long that reading on would fill the memory. */
    static final class RowTooLong extends IOException {
        RowTooLong(long limit, String what) {
            super("a row has more than " + limit + " " + what + "; perhaps a quotation mark opens and never closes");
        }
    }

    private final InputStream in;
    private final long maxRow;
    // An empty field takes twenty times the memory of its comma.
    private final long maxSeparators;
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final NavigableSet<Long> badLines = new TreeSet<>();
    private long line = 1;
    private long sinceRow;
    private long separators;
    private boolean first = true;
    private boolean ended;
    private boolean afterReturn;

    Utf8Reader(InputStream in, long maxRow) {
        this.in = in;
        this.maxRow = maxRow;
        this.maxSeparators = maxRow / 16;
    }

    /** Tells that a row was read whole: the next one may be as long again. */
    void rowDone() {
        sinceRow = 0;
        separators = 0;
    }

    /** Whether one of the lines (both ends included) held bytes that are not UTF-8. */
    boolean bad(long from, long to) {
        Long bad = badLines.ceiling(from);
        return bad != null && bad <= to;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        CharBuffer out = CharBuffer.wrap(target, offset, length).slice();
        while (out.position() == 0) {
            if (!ended && bytes.remaining() < 8) {
                fill();
            }
            if (ended && !bytes.hasRemaining()) {
                return -1;
            }
            decode(out);
        }
        sinceRow += out.position();
        if (sinceRow > maxRow) {
            throw new RowTooLong(maxRow, "characters");
        }
        if (separators > maxSeparators) {
            throw new RowTooLong(maxSeparators, "commas and tabs");
        }
        if (first) {
            first = false;
            if (target[offset] == '\uFEFF') { // a byte order mark, as Excel writes one
                System.arraycopy(target, offset + 1, target, offset, out.position() - 1);
                return out.position() == 1 ? read(target, offset, length) : out.position() - 1;
            }
        }
        return out.position();
    }

    private void decode(CharBuffer out) throws IOException {
        int start = out.position();
        CoderResult result = decoder.decode(bytes, out, ended);
        for (int i = start; i < out.position(); i++) {
            char c = out.get(i);
            line += c == '\r' || (c == '\n' && !afterReturn) ? 1 : 0; // \n, \r and \r\n end a line
            afterReturn = c == '\r';
            separators += c == ',' || c == '\t' ? 1 : 0;
        }
        if (result.isError() && out.hasRemaining()) {
            if (badLines.size() < MAX_BAD_LINES) {
                badLines.add(line);
            }
            bytes.position(bytes.position() + result.length());
            out.put('\uFFFD');
            decoder.reset();
        } else if (result.isOverflow() && out.position() == 0) {
            throw new IOException("a buffer of " + out.capacity() + " characters is too small to decode into");
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
