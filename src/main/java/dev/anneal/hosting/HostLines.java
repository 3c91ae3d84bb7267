package dev.anneal.hosting;

import dev.anneal.host.message.HostAnswer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The lines that a host writes. They are bounded, because what a user has uploaded takes part in writing them. */
final class HostLines implements AutoCloseable {
    /** Thrown for a line that is too long. What follows cannot be read. */
    static final class TooLong extends IOException {
        TooLong() {
            super("It wrote an answer of more than %,d bytes.".formatted(HostAnswer.MAX_BYTES));
        }
    }

    private final InputStream in;
    private final byte[] part = new byte[1 << 16];
    private int at;
    private int end;

    HostLines(InputStream in) {
        this.in = in;
    }

    /** Returns the next line without its end, or null if there is none. */
    byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            if (at == end) {
                at = 0;
                end = Math.max(0, in.read(part));
                if (end == 0) {
                    return line.size() == 0 ? null : line.toByteArray();
                }
            }
            int from = at;
            while (at < end && part[at] != '\n') {
                at++;
            }
            line.write(part, from, at - from);
            if (line.size() > HostAnswer.MAX_BYTES) {
                throw new TooLong();
            }
            if (at < end) {
                at++;
                return line.toByteArray();
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
