package dev.anneal.training;

import dev.anneal.files.DurableFiles;
import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.task.Evaluator;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The scores of the batches that an evaluation has computed, in a file that becomes a checkpoint from time to time. A later attempt
 * makes the same batches in the same order, and takes their scores from its checkpoint as long as it has them.
 */
final class ScoreLog implements Evaluator.Saved, Closeable {
    private static final String FILE = "scores.bin";
    /** Changes with the form of the file. */
    private static final int VERSION = 1;
    /** A larger file takes long to store, so what follows is computed again. */
    private static final long MAX_BYTES = 64 << 20;
    /** The checkpoints that stay in the work directory, because the worker may still store them. */
    private static final int KEPT = 2;

    private final Path directory;
    private final Path file;
    private final DataOutputStream out;
    private final @Nullable Double everySeconds;
    private final EventStream events;
    private final Deque<Path> checkpoints = new ArrayDeque<>();
    private @Nullable DataInputStream earlier;
    private long written = System.nanoTime();
    private int batches;
    private int saved;

    /**
     * Begins a log.
     *
     * @param earlier the directories of checkpoints of earlier attempts, the newest first
     * @param everySeconds the time between checkpoints, null for none
     */
    ScoreLog(Path workDirectory, List<String> earlier, @Nullable Double everySeconds, EventStream events)
            throws IOException {
        this.directory = Files.createDirectories(workDirectory.resolve(WorkFiles.CHECKPOINTS));
        this.file = workDirectory.resolve(FILE);
        this.everySeconds = everySeconds;
        this.events = events;
        this.out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
        out.writeInt(VERSION);
        for (String checkpoint : earlier) {
            if (this.earlier == null) {
                this.earlier = open(Path.of(checkpoint).resolve(FILE));
            }
        }
    }

    private static @Nullable DataInputStream open(Path file) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        if (Files.size(file) >= Integer.BYTES && in.readInt() == VERSION) {
            return in;
        }
        in.close();
        return null;
    }

    /** Returns the scores of a batch if an earlier attempt computed them. */
    @Override
    public @Nullable List<float[]> next(int[] batch) {
        DataInputStream in = earlier;
        if (in == null) {
            return null;
        }
        try {
            List<float[]> rows = read(in, batch);
            if (rows == null) {
                in.close();
                earlier = null;
                events.log(
                        "info",
                        "The scores of %,d batches were computed by an earlier attempt and are used again."
                                .formatted(batches));
            } else {
                append(batch, rows);
                saved = batches; // nothing is new yet
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns null at the end of the file, or if another program made other batches. */
    private static @Nullable List<float[]> read(DataInputStream in, int[] batch) throws IOException {
        try {
            if (in.readInt() != batch.length || in.readInt() != batch[0] || in.readInt() != batch[batch.length - 1]) {
                return null;
            }
            List<float[]> rows = new ArrayList<>(batch.length);
            for (int i = 0; i < batch.length; i++) {
                float[] row = new float[in.readInt()];
                for (int k = 0; k < row.length; k++) {
                    row[k] = in.readFloat();
                }
                rows.add(row);
            }
            return rows;
        } catch (EOFException end) {
            return null;
        }
    }

    /** Keeps the scores of a batch that was just computed. */
    @Override
    public void add(int[] batch, List<float[]> rows) {
        try {
            append(batch, rows);
            if (everySeconds != null && Stopwatch.secondsSince(written) >= everySeconds) {
                checkpoint("interval");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void append(int[] batch, List<float[]> rows) throws IOException {
        if (out.size() >= MAX_BYTES) {
            return;
        }
        out.writeInt(batch.length);
        out.writeInt(batch[0]);
        out.writeInt(batch[batch.length - 1]);
        for (float[] row : rows) {
            out.writeInt(row.length);
            for (float score : row) {
                out.writeFloat(score);
            }
        }
        batches++;
    }

    /** Makes a checkpoint of all batches so far, if there are new ones. */
    void checkpoint(String reason) throws IOException {
        written = System.nanoTime();
        if (batches == saved) {
            return;
        }
        saved = batches;
        out.flush();
        String name = "scores-" + batches;
        Path checkpoint = directory.resolve(name);
        Path part = Files.createDirectories(directory.resolve(name + ".part"));
        Files.copy(file, part.resolve(FILE));
        Files.move(part, checkpoint);
        checkpoints.add(checkpoint);
        if (checkpoints.size() > KEPT) {
            DurableFiles.delete(checkpoints.remove());
        }
        events.emit(
                TrainerEvent.CHECKPOINT,
                new TrainerEvent.Checkpoint(
                        batches, 0, reason, name, Files.size(checkpoint.resolve(FILE)), false, null));
    }

    @Override
    public void close() throws IOException {
        try (out) {
            if (earlier != null) {
                earlier.close();
            }
        }
    }
}
