package dev.anneal.dataset.staged;

import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.Row;
import dev.anneal.log.OutOfMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Hands rows to a sink that runs in another thread, so that a file is read and checked at the same time. */
public final class RowPipe implements DatasetParser.Sink {
    private static final int BATCH = 256;
    private static final int BATCHES = 8;
    /** The most characters of rows that wait, unless a single row has more. */
    private static final int CHARACTERS = 2_000_000;

    /** The end of the rows. */
    private static final Batch END = new Batch(List.of(), 0);

    private record Batch(List<Row> rows, int characters) {}

    private final DatasetParser.Sink sink;
    private final BlockingQueue<Batch> waiting = new ArrayBlockingQueue<>(BATCHES);
    private final Semaphore room = new Semaphore(CHARACTERS);
    private final Thread thread = new Thread(this::run, "row-checks");
    private List<Row> rows = new ArrayList<>(BATCH);
    private long characters;
    private volatile @Nullable Throwable failure;

    public RowPipe(DatasetParser.Sink sink) {
        this.sink = sink;
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void add(Row row) throws IOException {
        rows.add(row);
        characters += row.size();
        if (rows.size() == BATCH || characters > CHARACTERS / BATCHES) {
            pass();
        }
    }

    private void pass() throws IOException {
        rethrow();
        int size = (int) Math.min(CHARACTERS, characters);
        try {
            room.acquire(size);
            waiting.put(new Batch(rows, size));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while rows are checked", e);
        }
        rows = new ArrayList<>(BATCH);
        characters = 0;
    }

    private void run() {
        try {
            for (Batch batch = waiting.take(); batch != END; batch = waiting.take()) {
                for (int i = 0; i < batch.rows.size() && failure == null; i++) {
                    add(batch.rows.get(i), sink);
                }
                room.release(batch.characters);
            }
        } catch (InterruptedException e) {
            failure = e; // nobody does this
        }
    }

    /** Adds a row, or remembers why it cannot be added. Later rows are only taken out of the queue then. */
    private void add(Row row, DatasetParser.Sink to) {
        try {
            to.add(row);
        } catch (IOException | RuntimeException | Error e) {
            OutOfMemory.endIf(e);
            failure = e;
        }
    }

    /**
     * Waits until the sink has all rows. Throws what the sink has thrown, which concerns an earlier row than whatever has ended the
     * reader. Must always be called: afterwards the sink is not used any more.
     */
    public void finish() throws IOException {
        try {
            pass();
        } finally {
            end();
        }
        rethrow();
    }

    /** Waits for the thread, also if this one is interrupted: the other one uses what the caller closes. */
    private void end() {
        boolean interrupted = false;
        boolean told = false;
        while (!told || thread.isAlive()) {
            try {
                if (!told) {
                    waiting.put(END);
                    told = true;
                }
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void rethrow() throws IOException {
        Throwable thrown = failure;
        if (thrown instanceof IOException e) {
            throw e;
        } else if (thrown instanceof RuntimeException e) {
            throw e;
        } else if (thrown instanceof Error e) {
            throw e;
        } else if (thrown != null) {
            throw new IOException(thrown);
        }
    }
}
