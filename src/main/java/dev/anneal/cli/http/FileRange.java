package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A part of a file as the body of a call. It is read while it is sent. */
public record FileRange(Path file, long from, long length) {
    /** Returns the body; {@code sent} receives the number of bytes of the file that are sent so far. */
    BodyPublisher publisher(LongConsumer sent) {
        BodyPublisher body = BodyPublishers.ofInputStream(() -> {
            try {
                return new Part(Files.newInputStream(file), from, length, sent);
            } catch (IOException gone) {
                throw new Failure("There is no readable file " + Shell.path(file) + ".");
            }
        });
        return length == 0 ? BodyPublishers.noBody() : BodyPublishers.fromPublisher(body, length);
    }

    /** Returns a command of a shell that writes the part. */
    String shell() {
        return "tail -c +" + (from + 1) + " " + Shell.path(file) + " | head -c " + length;
    }

    private static final class Part extends InputStream {
        private final InputStream in;
        private final LongConsumer sent;
        private long at;
        private final long end;

        Part(InputStream in, long from, long length, LongConsumer sent) throws IOException {
            this.in = in;
            this.sent = sent;
            this.at = from;
            this.end = from + length;
            in.skipNBytes(from);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (at == end) {
                return -1;
            }
            int n = in.read(bytes, offset, (int) Math.min(length, end - at));
            if (n > 0) {
                at += n;
                sent.accept(at);
            }
            return n;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
