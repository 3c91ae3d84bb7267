package dev.anneal.dataset.staged;

import dev.anneal.log.OutOfMemory;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;

/** Does two things at the same time. */
public final class Together {
    /** Something that needs files or the database. */
    public interface Work {
        void run() throws IOException, SQLException;
    }

    private Together() {}

    /**
     * Returns when both have ended. Throws what one of them has thrown.
     *
     * @param here runs in the thread of the caller
     * @param there runs in another thread
     */
    public static void run(Work here, Work there) throws IOException, SQLException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        there.run();
                    } catch (IOException | SQLException | RuntimeException | Error e) {
                        OutOfMemory.endIf(e);
                        failure.set(e);
                    }
                },
                "row-report");
        thread.setDaemon(true);
        thread.start();
        try {
            here.run();
        } finally {
            join(thread);
        }
        Throwable thrown = failure.get();
        if (thrown instanceof RuntimeException e) {
            throw e;
        } else if (thrown instanceof Error e) {
            throw e;
        } else if (thrown != null) {
            throw new IOException(thrown);
        }
    }

    /** Waits for a thread, also if this one is interrupted: the other one uses what this one closes. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
