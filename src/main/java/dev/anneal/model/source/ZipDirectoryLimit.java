package dev.anneal.model.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Limits what is read of a zip while its list of entries is read: the library keeps the whole list in memory before the
 * entries can be counted.
 */
final class ZipDirectoryLimit implements SeekableByteChannel {
    /** A thousand entries with long names need a tenth of this. */
    private static final long MAX_LIST_BYTES = 2L << 20;

    private final SeekableByteChannel file;
    private long read;
    private boolean opened;

    ZipDirectoryLimit(Path file) throws IOException {
        this.file = Files.newByteChannel(file);
    }

    void opened() {
        opened = true;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int count = file.read(target);
        read += Math.max(0, count);
        if (!opened && read > MAX_LIST_BYTES) {
            file.close();
            throw new ImportFailure(
                    "zip_too_many_entries",
                    "The zip's list of entries has more than the %,d bytes that are allowed."
                            .formatted(MAX_LIST_BYTES));
        }
        return count;
    }

    @Override
    public long position() throws IOException {
        return file.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
        file.position(position);
        return this;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public int write(ByteBuffer source) {
        throw new java.nio.channels.NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new java.nio.channels.NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
