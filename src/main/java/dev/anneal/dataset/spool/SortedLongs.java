package dev.anneal.dataset.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sorts any number of non-negative longs. Holds so many of them in memory, by default {@value #IN_MEMORY}, the others in a file. */
public final class SortedLongs implements AutoCloseable {
    /** Receives the longs in order. */
    public interface Visitor {
        void visit(long value) throws IOException;
    }

    private static final int IN_MEMORY = 1 << 20;
    private static final int FIRST = 1 << 8;

    private final Path directory;
    private final int inMemory;
    private final List<long[]> runs = new ArrayList<>(); // from, to
    private long[] buffer = new long[FIRST];
    private int size;
    private long written;
    private @org.jspecify.annotations.Nullable FileChannel file;

    public SortedLongs(Path directory) {
        this(directory, IN_MEMORY);
    }

    public SortedLongs(Path directory, int inMemory) {
        this.directory = directory;
        this.inMemory = inMemory;
    }

    public void add(long value) throws IOException {
        if (size == buffer.length) {
            if (size < inMemory) {
                buffer = Arrays.copyOf(buffer, size * 2);
            } else {
                spill();
            }
        }
        buffer[size++] = value;
    }

    private void spill() throws IOException {
        Arrays.sort(buffer, 0, size);
        FileChannel out = file == null ? file = TemporaryFile.open(directory) : file;
        long from = written;
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        for (int i = 0; i < size; ) {
            LongBuffer longs = bytes.clear().asLongBuffer();
            int count = Math.min(longs.remaining(), size - i);
            longs.put(buffer, i, count);
            bytes.limit(count * Long.BYTES);
            while (bytes.hasRemaining()) {
                written += out.write(bytes, written);
            }
            i += count;
        }
        runs.add(new long[] {from, written});
        size = 0;
    }

    /** Visits all longs in order. */
    public void forEach(Visitor visitor) throws IOException {
        if (runs.isEmpty()) {
            Arrays.sort(buffer, 0, size);
            for (int i = 0; i < size; i++) {
                visitor.visit(buffer[i]);
            }
            return;
        }
        if (size > 0) {
            spill();
        }
        buffer = new long[FIRST];
        merge(visitor);
    }

    /** Merges the runs by a heap of their first longs. */
    private void merge(Visitor visitor) throws IOException {
        Run[] heap = new Run[runs.size()];
        int count = 0;
        for (long[] run : runs) {
            Run reader = new Run(run[0], run[1]);
            if (reader.next()) {
                heap[count++] = reader;
            }
        }
        for (int i = count / 2 - 1; i >= 0; i--) {
            down(heap, i, count);
        }
        while (count > 0) {
            Run least = heap[0];
            visitor.visit(least.value);
            if (!least.next()) {
                heap[0] = heap[--count];
            }
            down(heap, 0, count);
        }
    }

    private static void down(Run[] heap, int from, int count) {
        Run moved = heap[from];
        int i = from;
        while (2 * i + 1 < count) {
            int child = 2 * i + 1;
            if (child + 1 < count && heap[child + 1].value < heap[child].value) {
                child++;
            }
            if (moved.value <= heap[child].value) {
                break;
            }
            heap[i] = heap[child];
            i = child;
        }
        heap[i] = moved;
    }

    /** A sorted part of the file. */
    private final class Run {
        private final ByteBuffer bytes = ByteBuffer.allocate(1 << 15).limit(0);
        private final long end;
        private long position;
        private long value;

        Run(long from, long end) {
            this.position = from;
            this.end = end;
        }

        boolean next() throws IOException {
            if (!bytes.hasRemaining()) {
                if (position == end || file == null) {
                    return false;
                }
                bytes.clear().limit((int) Math.min(bytes.capacity(), end - position));
                TemporaryFile.read(file, bytes, position);
                position += bytes.limit();
                bytes.flip();
            }
            value = bytes.getLong();
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
