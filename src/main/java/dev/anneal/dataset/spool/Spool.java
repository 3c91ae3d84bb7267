package dev.anneal.dataset.spool;

import dev.anneal.files.DiskRoom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Bytes that are appended, and read at any place. Holds up to {@value #IN_MEMORY} of them in memory, all others in a file. */
public final class Spool implements AutoCloseable {
    private static final int IN_MEMORY = 1 << 21;
    private static final int FIRST = 1 << 12;

    private final Path directory;
    private byte[] end = new byte[FIRST]; // what is not in the file yet
    private int size;
    private long inFile;
    private @Nullable FileChannel file;
    private @Nullable DiskRoom room;

    public Spool(Path directory) {
        this.directory = directory;
    }

    /** Returns how many bytes were appended. */
    public long position() {
        return inFile + size;
    }

    public void append(byte[] bytes, int length) throws IOException {
        if (size + length > end.length) {
            grow(length);
        }
        if (length > end.length) {
            write(bytes, length);
        } else {
            System.arraycopy(bytes, 0, end, size, length);
            size += length;
        }
    }

    private void grow(int length) throws IOException {
        if (size + length <= IN_MEMORY) {
            end = Arrays.copyOf(end, Math.min(IN_MEMORY, Math.max(size + length, end.length * 2)));
        } else {
            write(end, size);
            size = 0;
        }
    }

    private void write(byte[] bytes, int length) throws IOException {
        FileChannel out = file == null ? file = TemporaryFile.open(directory) : file;
        DiskRoom reserved = room == null ? room = DiskRoom.reserve(directory, 0) : room;
        reserved.take(length);
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
        while (buffer.hasRemaining()) {
            inFile += out.write(buffer, inFile);
        }
    }

    /** Reads bytes that were appended at once, or a part of them. */
    public void read(long position, byte[] target, int length) throws IOException {
        if (position >= inFile) {
            System.arraycopy(end, (int) (position - inFile), target, 0, length);
        } else if (file != null) {
            TemporaryFile.read(file, ByteBuffer.wrap(target, 0, length), position);
        }
    }

    /** Replaces bytes that were appended at once, or a part of them. */
    public void replace(long position, byte[] bytes, int from, int length) throws IOException {
        if (position >= inFile) {
            System.arraycopy(bytes, from, end, (int) (position - inFile), length);
        } else if (file != null) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
            for (long at = position; buffer.hasRemaining(); ) {
                at += file.write(buffer, at);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (room != null) {
            room.close();
        }
        if (file != null) {
            file.close();
        }
    }
}
