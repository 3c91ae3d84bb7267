package dev.anneal.hosting;

import dev.anneal.child.ProcessMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that are started ahead: they have loaded libtorch and wait for a model, which then answers sooner. Each serves one
 * model and is replaced by another process.
 */
final class SpareHosts {
    private static final Logger log = LoggerFactory.getLogger(SpareHosts.class);

    /** The time after a start in which the processor is left to the process that was started. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    /** The time after the end of a spare process, so that one that always ends takes little time of the processor. */
    static final Duration LONG_PAUSE = Duration.ofMinutes(1);

    /** Starts a process that waits for the options of a model. */
    interface Start {
        Process start() throws IOException;
    }

    private final Start start;
    private final LongSupplier clock;
    private final Deque<Process> spares = new ArrayDeque<>();
    private long next;
    private boolean closed;

    SpareHosts(Start start, LongSupplier nanoClock) {
        this.start = start;
        this.clock = nanoClock;
        this.next = nanoClock.getAsLong() + PAUSE.toNanos();
    }

    /** Starts none for a time; a longer pause that has begun is kept. */
    private void pause(Duration time) {
        long then = clock.getAsLong() + time.toNanos();
        if (then - next > 0) {
            next = then;
        }
    }

    /** Gives the options of a model to a process, and returns the process; null if there is none. */
    synchronized @Nullable Process take(String options) {
        pause(PAUSE);
        Process spare = spares.poll();
        while (spare != null && !accepts(spare, options)) {
            spare = spares.poll();
        }
        return spare;
    }

    private static boolean accepts(Process spare, String options) {
        try {
            spare.getOutputStream().write((options + '\n').getBytes(StandardCharsets.UTF_8));
            spare.getOutputStream().flush();
            return spare.isAlive();
        } catch (IOException ended) {
            return false;
        }
    }

    /** Ends the processes beyond a number, or starts one if there are fewer and the last start was a while ago. */
    synchronized void keep(int count) {
        for (Process ended : spares.stream().filter(spare -> !spare.isAlive()).toList()) {
            spares.remove(ended);
            log.warn("a spare model host ended by itself, with exit code {}", ended.exitValue());
            pause(LONG_PAUSE);
        }
        while (spares.size() > count) {
            spares.remove().destroyForcibly();
            pause(LONG_PAUSE); // while memory is short
        }
        if (closed || spares.size() == count || clock.getAsLong() - next < 0) {
            return;
        }
        pause(PAUSE);
        try {
            spares.add(start.start());
        } catch (IOException | RuntimeException fault) {
            log.warn("cannot start a spare model host: {}", fault.getMessage());
            pause(LONG_PAUSE);
        }
    }

    /** Returns the memory of all of them. */
    synchronized long memory() {
        return spares.stream().mapToLong(spare -> ProcessMemory.of(spare.pid())).sum();
    }

    /** Ends all of them, and starts none any more. */
    synchronized void close() {
        closed = true;
        keep(0);
    }
}
