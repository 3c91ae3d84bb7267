package dev.anneal.dataset.spool;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files that are removed when they are closed. */
final class TemporaryFile {
    private TemporaryFile() {}

    static FileChannel open(Path directory) throws IOException {
        Path path = Files.createTempFile(directory, "check", ".tmp");
        return FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Fills the buffer with the bytes at a position. */
    static void read(FileChannel file, ByteBuffer bytes, long from) throws IOException {
        long at = from;
        while (bytes.hasRemaining()) {
            int n = file.read(bytes, at);
            if (n < 0) {
                throw new EOFException("a temporary file of a check ends too early");
            }
            at += n;
        }
    }
}
