package dev.anneal.dataset.staged;

import dev.anneal.dataset.spool.Spool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Bytes that are appended, and then read in their order, in blocks of up to {@value #SIZE} of them. */
final class Blocks implements AutoCloseable {
    static final int SIZE = 1 << 16;

    private final Spool spool;
    private byte[] block = new byte[SIZE];
    private int size;
    private int[] sizes = new int[16];
    private int count;

    Blocks(Path directory) {
        this.spool = new Spool(directory);
    }

    /** Appends a record, which will be in one block. */
    void append(byte[] record, int length) throws IOException {
        if (size + length > SIZE) {
            endBlock();
        }
        if (length > SIZE) {
            store(record, length);
        } else {
            System.arraycopy(record, 0, block, size, length);
            size += length;
        }
    }

    private void endBlock() throws IOException {
        if (size > 0) {
            store(block, size);
            size = 0;
        }
    }

    private void store(byte[] bytes, int length) throws IOException {
        spool.append(bytes, length);
        if (count == sizes.length) {
            sizes = Arrays.copyOf(sizes, count * 2);
        }
        sizes[count++] = length;
    }

    /** Returns a reader from the first byte. Nothing may be appended afterwards. */
    Reader read() throws IOException {
        endBlock();
        return new Reader();
    }

    /** Reads the bytes in their order. */
    final class Reader {
        private byte[] bytes = new byte[SIZE];
        private int at;
        private int end;
        private int next;
        private long position;

        boolean hasNext() {
            return at < end || next < count;
        }

        /** Returns the bytes of the current block. */
        byte[] bytes() {
            return bytes;
        }

        /** Moves behind the next record, and returns where it begins in {@link #bytes}. */
        int record(int length) throws IOException {
            if (at == end && length > 0) {
                load();
            }
            int from = at;
            at += length;
            return from;
        }

        int octet() throws IOException {
            if (at == end) {
                load();
            }
            return bytes[at++] & 0xFF;
        }

        /** Reads what {@link Bytes#varint} wrote. */
        int varint() throws IOException {
            int number = 0;
            for (int shift = 0; ; shift += 7) {
                int octet = octet();
                number |= (octet & 0x7F) << shift;
                if (octet < 0x80) {
                    return number;
                }
            }
        }

        private void load() throws IOException {
            int length = sizes[next++];
            if (bytes.length < length) {
                bytes = new byte[length];
            }
            spool.read(position, bytes, length);
            position += length;
            at = 0;
            end = length;
        }
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }
}
