package dev.anneal.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Writes a {@link RecordFile}. A file that is not finished cannot be opened. Its entries wait in a second file, not in the heap. */
public final class RecordFileWriter implements AutoCloseable {
    private static final int BLOCK = 1 << 20;

    private final FileChannel file;
    private final FileChannel entries;
    private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer entryBlock = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C checksum = new CRC32C();
    private final int pieceBits;
    private long position;
    private long size;

    /** Creates the file, or replaces it. */
    public RecordFileWriter(Path file) throws IOException {
        this(file, RecordFile.PIECE_BITS);
    }

    RecordFileWriter(Path file, int pieceBits) throws IOException {
        this.pieceBits = pieceBits;
        this.file = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            this.entries = FileChannel.open(
                    file.resolveSibling(file.getFileName() + ".entries"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            this.file.close();
            throw e;
        }
    }

    public void add(int[] record) throws IOException {
        long bytes = (long) record.length << 2;
        long piece = 1L << pieceBits;
        if (record.length >= 1 << RecordFile.LENGTH_BITS || bytes > piece) {
            throw new IOException("A row has too many tokens: " + record.length + ".");
        }
        long left = piece - (position & piece - 1);
        if (bytes > left) {
            skip(left);
        }
        if (!entryBlock.hasRemaining()) {
            drain(entryBlock, entries);
        }
        entryBlock.putLong(position >> 2 << RecordFile.LENGTH_BITS | record.length);
        size++;
        for (int number : record) {
            if (block.remaining() < Integer.BYTES) {
                flush();
            }
            block.putInt(number);
        }
        position += bytes;
    }

    private void skip(long bytes) throws IOException {
        for (long i = 0; i < bytes; i++) {
            if (!block.hasRemaining()) {
                flush();
            }
            block.put((byte) 0);
        }
        position += bytes;
    }

    /** Writes all that is missing, with a note. The file can be opened then. */
    public void finish(String note) throws IOException {
        skip(-position & Long.BYTES - 1);
        flush();
        drain(entryBlock, entries);
        long index = position;
        entries.position(0);
        while (entries.read(block) >= 0) {
            flush();
        }
        byte[] text = note.getBytes(StandardCharsets.UTF_8);
        ByteBuffer wrapped = ByteBuffer.wrap(text);
        checksum.update(wrapped.duplicate());
        write(wrapped, file);
        long noteAt = index + size * Long.BYTES;
        block.clear()
                .putLong(RecordFile.MAGIC)
                .putLong(size)
                .putLong(index)
                .putLong(noteAt)
                .putLong(pieceBits);
        checksum.update(block.duplicate().flip());
        block.putLong(checksum.getValue());
        drain(block, file);
    }

    private void flush() throws IOException {
        checksum.update(block.duplicate().flip());
        drain(block, file);
    }

    private static void drain(ByteBuffer block, FileChannel to) throws IOException {
        write(block.flip(), to);
        block.clear();
    }

    private static void write(ByteBuffer bytes, FileChannel to) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        try (file;
                entries) {
            // closes both
        }
    }
}
