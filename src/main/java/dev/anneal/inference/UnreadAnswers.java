package dev.anneal.inference;

import dev.anneal.role.ForRole;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Bounds the memory of answers that clients have not read yet, for each caller and in total. A caller without any can always have
 * one.
 */
@Component
@ForRole("inference")
class UnreadAnswers {
    private static final long MAX_BYTES_OF_CALLER = 64L << 20;

    private final Map<String, Long> unread = new HashMap<>();
    private final long maxOfCaller;
    private final long maxInTotal;
    private long total;

    @Autowired
    UnreadAnswers() {
        this(
                MAX_BYTES_OF_CALLER,
                Math.max(MAX_BYTES_OF_CALLER, Runtime.getRuntime().maxMemory() / 8));
    }

    UnreadAnswers(long maxOfCaller, long maxInTotal) {
        this.maxOfCaller = maxOfCaller;
        this.maxInTotal = maxInTotal;
    }

    /** Counts an answer, or a part of one. Returns false, and counts nothing, if there is no room for it. */
    synchronized boolean add(String caller, long bytes) {
        long before = unread.getOrDefault(caller, 0L);
        if (before > 0 && (before + bytes > maxOfCaller || total + bytes > maxInTotal)) {
            return false;
        }
        unread.put(caller, before + bytes);
        total += bytes;
        return true;
    }

    /** Must be called once for each {@link #add} that returned true, when the bytes are written or given up. */
    synchronized void remove(String caller, long bytes) {
        if (bytes == 0) {
            return;
        }
        unread.computeIfPresent(caller, (same, before) -> before <= bytes ? null : Long.valueOf(before - bytes));
        total -= bytes;
    }
}
