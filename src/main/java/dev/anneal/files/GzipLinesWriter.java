package dev.anneal.files;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes {@link GzipLines}, a block at a time. */
public final class GzipLinesWriter implements Closeable {
    private static final int BLOCK_BYTES = 1 << 18;

    private final OutputStream out;
    private final DataOutputStream index;
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private long first;
    private boolean isFirst = true;
    private long place;

    public GzipLinesWriter(Path directory) throws IOException {
        Files.createDirectories(directory);
        out = new BufferedOutputStream(Files.newOutputStream(directory.resolve(GzipLines.LINES)));
        index = new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(directory.resolve(GzipLines.INDEX))));
    }

    /** Adds a line. Its number is higher than those before. */
    public void add(long number, String line) throws IOException {
        if (block.size() == 0) {
            first = number;
        }
        block.writeBytes(line.getBytes(StandardCharsets.UTF_8));
        block.write('\n');
        if (block.size() >= BLOCK_BYTES) {
            endBlock();
        }
    }

    private void endBlock() throws IOException {
        index.writeLong(isFirst ? Long.MIN_VALUE : first);
        index.writeLong(place);
        isFirst = false;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            block.writeTo(gzip);
        }
        bytes.writeTo(out);
        place += bytes.size();
        block.reset();
    }

    @Override
    public void close() throws IOException {
        try (out;
                index) {
            if (block.size() > 0 || isFirst) {
                endBlock();
            }
        }
    }
}
