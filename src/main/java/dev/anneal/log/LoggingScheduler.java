package dev.anneal.log;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks later or again and again, on daemon threads. Java's own scheduler keeps the error of a task to itself and never runs
 * that task again. This one logs it, and ends the process if memory ran out.
 */
public final class LoggingScheduler extends ScheduledThreadPoolExecutor {
    private static final Logger log = LoggerFactory.getLogger(LoggingScheduler.class);

    public LoggingScheduler(int threads, String name) {
        super(threads, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable fault) {
        super.afterExecute(task, fault);
        if (task instanceof Future<?> future && future.isDone() && !future.isCancelled()) {
            try {
                future.get();
            } catch (ExecutionException failed) {
                OutOfMemory.endIf(failed);
                log.error("unexpected error in a scheduled task, which does not run again", failed.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
