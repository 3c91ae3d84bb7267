package dev.anneal.host;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do the work of calls. The callers take turns, so that many calls of one do not delay those of others. If a call is
 * cancelled while it waits, it ends at once and its work is not done.
 */
final class CallThreads {
    private static final class Waiting {
        final HostCall call;
        final Runnable work;

        Waiting(HostCall call, Runnable work) {
            this.call = call;
            this.work = work;
        }
    }

    private final Executor threads;
    /** The work that waits, by caller; the caller whose turn is next is the first. */
    private final Map<String, Set<Waiting>> callers = new LinkedHashMap<>();

    CallThreads(Executor threads) {
        this.threads = threads;
    }

    /** Does some work of a call. What it throws fails the call. */
    void execute(HostCall call, Runnable work) {
        Waiting waiting = new Waiting(call, work);
        call.onCancel(() -> {
            if (remove(waiting)) {
                call.fail(new CancellationException());
            }
        });
        synchronized (this) {
            callers.computeIfAbsent(call.caller(), caller -> new LinkedHashSet<>())
                    .add(waiting);
        }
        threads.execute(this::runNext);
    }

    private void runNext() {
        Waiting next = next();
        if (next == null) {
            return; // cancelled
        }
        try {
            next.call.stopIfCancelled();
            next.work.run();
        } catch (Throwable fault) {
            next.call.fail(fault);
        }
    }

    private synchronized @Nullable Waiting next() {
        if (callers.isEmpty()) {
            return null;
        }
        Map.Entry<String, Set<Waiting>> turn = callers.entrySet().iterator().next();
        Waiting next = turn.getValue().iterator().next();
        remove(next);
        if (!turn.getValue().isEmpty()) { // behind the other callers
            callers.remove(turn.getKey());
            callers.put(turn.getKey(), turn.getValue());
        }
        return next;
    }

    private synchronized boolean remove(Waiting waiting) {
        String caller = waiting.call.caller();
        Set<Waiting> all = callers.get(caller);
        boolean isRemoved = all != null && all.remove(waiting);
        if (all != null && all.isEmpty()) {
            callers.remove(caller);
        }
        return isRemoved;
    }
}
