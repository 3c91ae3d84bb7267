package dev.anneal.evaluation.linear;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Vectors of rows in a file that is mapped into memory, so that they do not count against the heap. */
final class SparseRows implements Rows {
    /** The most entries: the file has 8 bytes for each, and a mapping at most 2 GB. */
    static final int MOST_ENTRIES = 32_000_000;

    private final IntBuffer entries;
    private final int[] starts;

    private SparseRows(IntBuffer entries, int[] starts) {
        this.entries = entries;
        this.starts = starts;
    }

    @Override
    public int rows() {
        return starts.length - 1;
    }

    @Override
    public double dot(int row, double[] weights, int offset) {
        double sum = 0;
        for (int i = starts[row]; i < starts[row + 1]; i++) {
            sum += weights[offset + entries.get(2 * i)] * Float.intBitsToFloat(entries.get(2 * i + 1));
        }
        return sum;
    }

    @Override
    public void add(int row, double factor, double[] weights, int offset) {
        for (int i = starts[row]; i < starts[row + 1]; i++) {
            weights[offset + entries.get(2 * i)] += factor * Float.intBitsToFloat(entries.get(2 * i + 1));
        }
    }

    /** Writes rows to a file without a name, so that nothing is left if the process dies. */
    static final class Writer implements Closeable {
        private final Path file;
        private final FileChannel channel;
        private final DataOutputStream out;
        private int[] starts = new int[1024];
        private int rows;

        Writer(Path directory) throws IOException {
            file = Files.createTempFile(directory, "vectors", ".bin");
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
        }

        void add(Vocabulary.Vector vector) throws IOException {
            for (int i = 0; i < vector.grams().length; i++) {
                out.writeInt(vector.grams()[i]);
                out.writeInt(Float.floatToRawIntBits(vector.weights()[i]));
            }
            if (rows + 2 > starts.length) {
                starts = Arrays.copyOf(starts, 2 * starts.length);
            }
            starts[rows + 1] = starts[rows] + vector.grams().length;
            rows++;
        }

        int entries() {
            return starts[rows];
        }

        SparseRows rows() throws IOException {
            out.flush();
            return new SparseRows(
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, 8L * starts[rows])
                            .asIntBuffer(),
                    Arrays.copyOf(starts, rows + 1));
        }

        @Override
        public void close() throws IOException {
            try {
                channel.close();
            } finally {
                Files.delete(file);
            }
        }
    }
}
