package dev.anneal.training.task;

import dev.anneal.evaluation.score.Scores;
import dev.anneal.training.process.TrainingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The scores of all examples of a split: in memory up to 16 MB, else in a file that is mapped into memory, so that the heap does
 * not grow with rows and labels. The file has no name any more when the store is made, so it is gone with the store.
 */
final class ScoreStore implements Scores {
    private static final long ON_HEAP_BYTES = 16_000_000;
    private static final long CHUNK_BYTES = 1 << 28;

    private final int rows;
    private final int labels;
    private final int rowsOfChunk;
    private final ByteBuffer[] chunks;

    private ScoreStore(int rows, int labels, int rowsOfChunk, ByteBuffer[] chunks) {
        this.rows = rows;
        this.labels = labels;
        this.rowsOfChunk = rowsOfChunk;
        this.chunks = chunks;
    }

    /** Makes a store; {@code directory} gets the file, if one is needed. */
    static ScoreStore of(int rows, int labels, Path directory) {
        return of(rows, labels, directory, ON_HEAP_BYTES, CHUNK_BYTES);
    }

    static ScoreStore of(int rows, int labels, Path directory, long onHeapBytes, long chunkBytes) {
        long rowBytes = 4L * labels;
        int rowsOfChunk = (int) Math.max(1, Math.min(rows, chunkBytes / Math.max(1, rowBytes)));
        ByteBuffer[] chunks = new ByteBuffer[(int) ((rows + rowsOfChunk - 1L) / rowsOfChunk)];
        if (rows * rowBytes <= onHeapBytes) {
            for (int i = 0; i < chunks.length; i++) {
                chunks[i] = ByteBuffer.allocate((int) (rowBytes * Math.min(rowsOfChunk, rows - i * rowsOfChunk)));
            }
            return new ScoreStore(rows, labels, rowsOfChunk, chunks);
        }
        try {
            Path file = Files.createTempFile(directory, "scores", ".bin");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                for (int i = 0; i < chunks.length; i++) {
                    long from = i * (long) rowsOfChunk * rowBytes;
                    long bytes = rowBytes * Math.min(rowsOfChunk, rows - (long) i * rowsOfChunk);
                    chunks[i] = channel.map(FileChannel.MapMode.READ_WRITE, from, bytes);
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new TrainingException("Cannot write the scores of the rows: " + e.getMessage(), e);
        }
        return new ScoreStore(rows, labels, rowsOfChunk, chunks);
    }

    void put(int row, float[] scores) {
        ByteBuffer chunk = chunks[row / rowsOfChunk];
        int at = row % rowsOfChunk * labels;
        for (int label = 0; label < labels; label++) {
            chunk.putFloat(4 * (at + label), scores[label]);
        }
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int labels() {
        return labels;
    }

    @Override
    public float at(int row, int label) {
        return chunks[row / rowsOfChunk].getFloat(4 * (row % rowsOfChunk * labels + label));
    }
}
