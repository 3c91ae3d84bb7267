package dev.anneal.dataset.unpack;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts the bytes of a stream, and remembers whether reading it failed: that is not the fault of what it contains. */
public final class CountedInput extends FilterInputStream {
    private long count;
    private boolean failed;

    public CountedInput(InputStream in) {
        super(in);
    }

    public long count() {
        return count;
    }

    boolean failed() {
        return failed;
    }

    @Override
    public int read() throws IOException {
        try {
            int b = super.read();
            count += b < 0 ? 0 : 1;
            return b;
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        try {
            int n = super.read(bytes, from, length);
            count += Math.max(n, 0);
            return n;
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = super.skip(n);
        count += skipped;
        return skipped;
    }
}
