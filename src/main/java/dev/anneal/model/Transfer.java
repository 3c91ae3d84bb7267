package dev.anneal.model;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.function.DoubleConsumer;

/**
 * What the thread that downloads and the one that watches over it share: how far it is, and whether it is to stop. Closing
 * the open connection is what ends a read that waits.
 */
class Transfer {
    /** Thrown where the download was told to stop: the model was deleted, the lease lost, or the server stops. */
    static final class Stopped extends RuntimeException {}

    /** How far it is, on the wire; the total is null until all sizes are known. */
    record Progress(long downloadedBytes, Long totalBytes, String file) {}

    private final DoubleConsumer received;
    private long bytes;
    private Long total;
    private String file;
    private Closeable connection;
    private boolean stopped;
    private long lastByte = System.nanoTime();

    /** Tells how many bytes came from the hub. */
    Transfer(DoubleConsumer received) {
        this.received = received;
    }

    synchronized Progress progress() {
        return new Progress(bytes, total, file);
    }

    synchronized void total(long total) {
        this.total = total;
    }

    synchronized void file(String file) {
        this.file = file;
    }

    /** What was there already; negative where a file begins anew. */
    synchronized void count(long count) {
        bytes += count;
    }

    synchronized void received(int count) {
        bytes += count;
        lastByte = System.nanoTime();
        received.accept(count);
    }

    synchronized void open(Closeable connection) throws IOException {
        this.connection = connection;
        this.lastByte = System.nanoTime();
        if (stopped) {
            connection.close();
        }
    }

    synchronized void closed() {
        connection = null;
    }

    void check() {
        if (isStopped()) {
            throw new Stopped();
        }
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    synchronized void stop() {
        stopped = true;
        hangUp();
        notifyAll();
    }

    /** Ends a connection that has brought nothing for so long; the download tries again. */
    synchronized void hangUpIfStalled(Duration stall) {
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
            // that is what was wanted
        }
    }

    /** Waits, unless it is told to stop. */
    synchronized void pause(Duration duration) {
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
