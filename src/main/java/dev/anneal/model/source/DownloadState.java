package dev.anneal.model.source;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of a download, shared by its thread and the heartbeat: progress, and whether to stop. To end a read that
 * blocks, the open connection is closed.
 */
public class DownloadState {
    /** Thrown when the download has to stop: the model was deleted, the lease was lost, or the server shuts down. */
    public static final class Stopped extends RuntimeException {}

    /** Progress on the wire; the total is null until all sizes are known. */
    public record Progress(
            long downloadedBytes,
            @Nullable Long totalBytes,
            @Nullable String file) {}

    private final DoubleConsumer received;
    private long bytes;
    private @Nullable Long total;
    private @Nullable String file;
    private @Nullable Closeable connection;
    private boolean stopped;
    private long lastByte = System.nanoTime();

    /** {@code received} gets the number of bytes from the hub. */
    public DownloadState(DoubleConsumer received) {
        this.received = received;
    }

    public synchronized Progress progress() {
        return new Progress(bytes, total, file);
    }

    public synchronized void total(long total) {
        this.total = total;
    }

    public synchronized void file(@Nullable String file) {
        this.file = file;
    }

    /** Adds bytes that an earlier attempt downloaded; negative if they were deleted. */
    public synchronized void count(long count) {
        bytes += count;
    }

    public synchronized void received(int count) {
        bytes += count;
        lastByte = System.nanoTime();
        received.accept(count);
    }

    public synchronized void open(Closeable connection) throws IOException {
        this.connection = connection;
        this.lastByte = System.nanoTime();
        if (stopped) {
            connection.close();
        }
    }

    public synchronized void closed() {
        connection = null;
    }

    public void check() {
        if (isStopped()) {
            throw new Stopped();
        }
    }

    /** Returns whether the download has to stop. Then its thread may be interrupted, which closes files that it uses. */
    public synchronized boolean isStopped() {
        return stopped;
    }

    public synchronized void stop() {
        stopped = true;
        hangUp();
        notifyAll();
    }

    /** Closes a connection that has received nothing for so long; the download retries. */
    public synchronized void hangUpIfStalled(Duration stall) {
        if (connection != null && System.nanoTime() - lastByte > stall.toNanos()) {
            hangUp();
        }
    }

    private void hangUp() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (IOException closedAlready) {
            // already closed
        }
    }

    /** Waits; throws {@link Stopped} if the download has to stop. */
    public synchronized void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        try {
            for (long left = end - System.nanoTime(); left > 0 && !stopped; left = end - System.nanoTime()) {
                wait(Math.max(1, left / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true;
        }
        check();
    }
}
