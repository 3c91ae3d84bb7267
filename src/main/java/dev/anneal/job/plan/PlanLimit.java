package dev.anneal.job.plan;

import dev.anneal.web.Problem;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Bounds the requests that are planned at once, for each project and in total. A plan may count millions of rows, and holds a
 * connection meanwhile. Some connections always remain for other requests and for workers.
 */
@Component
public class PlanLimit {
    private static final int PER_PROJECT = 4;
    private static final int IN_TOTAL = 12;
    private static final int WAITING_PER_PROJECT = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Map<String, Integer> running = new HashMap<>();
    private final Map<String, Integer> waiting = new HashMap<>();
    private final long patienceNanos;
    private int total;

    @Autowired
    PlanLimit() {
        this(PATIENCE);
    }

    PlanLimit(Duration patience) {
        this.patienceNanos = patience.toNanos();
    }

    /** Runs what plans a request of a project. Throws a problem if others take too long. */
    public <T> T within(String project, Supplier<T> work) {
        begin(project);
        try {
            return work.get();
        } finally {
            end(project);
        }
    }

    private synchronized void begin(String project) {
        if (!isFree(project)) {
            await(project);
        }
        running.merge(project, 1, Integer::sum);
        total++;
    }

    private boolean isFree(String project) {
        return total < IN_TOTAL && running.getOrDefault(project, 0) < PER_PROJECT;
    }

    private void await(String project) {
        if (waiting.getOrDefault(project, 0) >= WAITING_PER_PROJECT) {
            throw tooBusy();
        }
        waiting.merge(project, 1, Integer::sum);
        try {
            long end = System.nanoTime() + patienceNanos;
            while (!isFree(project)) {
                long millis = (end - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    throw tooBusy();
                }
                wait(millis);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw tooBusy();
        } finally {
            decrease(waiting, project);
        }
    }

    private synchronized void end(String project) {
        decrease(running, project);
        total--;
        notifyAll();
    }

    private static void decrease(Map<String, Integer> counts, String project) {
        counts.computeIfPresent(project, (same, count) -> count == 1 ? null : count - 1);
    }

    private static Problem tooBusy() {
        return new Problem(
                HttpStatus.TOO_MANY_REQUESTS,
                "too_busy",
                "Too many jobs of this project are being checked or estimated. Try again later.");
    }
}
