package dev.anneal.dataset.unpack;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads all members of a gzip file. Java's own reader drops what follows a member and is not one, without a word. */
final class GzipMembers extends GZIPInputStream {
    private static final int TRAILER = 8;

    GzipMembers(InputStream in) throws IOException {
        super(new NeverIdle(in), 1 << 16);
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int n = super.read(bytes, from, length);
        // The trailer of the last member was read from the buffer, but still counts as remaining.
        if (n < 0 && (inf.getRemaining() > TRAILER || in.read() >= 0)) {
            throw new ZipException("there are bytes after the last member");
        }
        return n;
    }

    /** Another member is looked for only if bytes are available, and not all streams can tell. */
    private static final class NeverIdle extends FilterInputStream {
        NeverIdle(InputStream in) {
            super(in);
        }

        @Override
        public int available() {
            return 1;
        }
    }
}
