package dev.anneal.hosting;

import dev.anneal.child.ProcessMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The process of a model, which may not have started yet, and the calls that it has. The pool guards it. */
final class Host {
    final String model;
    /** True if it computes the calls of each caller separately. */
    final boolean isSeparate;

    final CompletableFuture<HostProcess> process = new CompletableFuture<>();
    /** True if its model was deleted: files that it has not read yet are gone. */
    volatile boolean isDeleted;
    /** True once it was asked whether another server deleted its model. */
    final AtomicBoolean isLookedUp = new AtomicBoolean();

    private volatile long expectedBytes;
    /** The number of calls in progress of each project that has some. */
    private final Map<String, Integer> callers = new HashMap<>();

    private String lastCaller;
    private long lastUsed;

    Host(String model, boolean isSeparate, String caller) {
        this.model = model;
        this.isSeparate = isSeparate;
        this.lastCaller = caller;
    }

    /** Counts a call that needs so much memory. */
    void begin(String caller, long bytes, long now) {
        expectedBytes = Math.max(expectedBytes, bytes);
        callers.merge(caller, 1, Integer::sum);
        lastCaller = caller;
        lastUsed = now;
    }

    void end(String caller, long now) {
        callers.computeIfPresent(caller, (same, count) -> count == 1 ? null : count - 1);
        lastUsed = now;
    }

    boolean isIdle() {
        return callers.isEmpty();
    }

    /** Returns the projects whose calls it has, or the one whose call it had last. */
    Set<String> holders() {
        return isIdle() ? Set.of(lastCaller) : callers.keySet();
    }

    /** Returns the only project whose calls it has; null if there is none, or more than one. */
    @Nullable
    String onlyCaller() {
        return callers.size() == 1 ? callers.keySet().iterator().next() : null;
    }

    boolean isUsedBy(String caller) {
        return callers.containsKey(caller);
    }

    /** Returns whether it has calls, or had one within a time before. */
    boolean wasUsedWithin(long nanos, long now) {
        return !isIdle() || now - lastUsed <= nanos;
    }

    long expectedBytes() {
        return expectedBytes;
    }

    @Nullable
    HostProcess ifStarted() {
        return process.isDone() && !process.isCompletedExceptionally() ? process.join() : null;
    }

    /** Returns the memory that it takes, or will take. */
    long bytes() {
        HostProcess started = ifStarted();
        return Math.max(expectedBytes, started == null ? 0 : ProcessMemory.of(started.pid()));
    }
}
