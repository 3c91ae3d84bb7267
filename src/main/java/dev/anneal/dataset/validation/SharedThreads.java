package dev.anneal.dataset.validation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A few threads that projects share. The next task is the oldest one of a project that has the fewest running. One project never has
 * all threads unless there is only one, so that a small file of another does not wait for several large ones. Neither have long tasks.
 */
final class SharedThreads {
    /** A task. It is long if it may take minutes whatever its size is. */
    private record Task(String project, boolean isLong, Runnable work) {}

    private final int count;
    private final ExecutorService threads;
    private final List<Task> waiting = new ArrayList<>();
    private final Map<String, Integer> running = new HashMap<>();
    private int active;
    private int longOnes;
    private boolean closed;

    SharedThreads(int count, String name) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Runs a task on one of the threads, or on that of the caller if this is closed. */
    void execute(String project, boolean isLong, Runnable work) {
        synchronized (this) {
            if (!closed) {
                waiting.add(new Task(project, isLong, work));
                dispatch();
                return;
            }
        }
        work.run();
    }

    private synchronized void dispatch() {
        for (Optional<Task> next = next(); next.isPresent(); next = next()) {
            Task task = next.get();
            waiting.remove(task);
            active++;
            longOnes += task.isLong() ? 1 : 0;
            running.merge(task.project(), 1, Integer::sum);
            threads.execute(() -> run(task));
        }
    }

    private Optional<Task> next() {
        if (closed || active >= count) {
            return Optional.empty();
        }
        return waiting.stream()
                .filter(task -> count == 1 || runningOf(task) < count - 1 && (!task.isLong() || longOnes < count - 1))
                .min(Comparator.comparingInt(this::runningOf)); // the first one of several
    }

    private int runningOf(Task task) {
        return running.getOrDefault(task.project(), 0);
    }

    private void run(Task task) {
        try {
            task.work().run();
        } finally {
            synchronized (this) {
                active--;
                longOnes -= task.isLong() ? 1 : 0;
                running.computeIfPresent(task.project(), (same, tasks) -> tasks == 1 ? null : tasks - 1);
                dispatch();
            }
        }
    }

    synchronized int active() {
        return active;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Lets the tasks end that run or wait, and waits a while for them. */
    void close(long seconds) {
        synchronized (this) {
            closed = true;
            waiting.forEach(task -> threads.execute(task.work()));
            waiting.clear();
            threads.shutdown();
        }
        try {
            threads.awaitTermination(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
