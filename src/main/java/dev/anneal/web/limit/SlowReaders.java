package dev.anneal.web.limit;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts the threads of requests that wait until clients read their answers, by address. One address can have a tenth of the
 * threads wait, all addresses together a fifth, so that other requests are answered.
 */
final class SlowReaders {
    /** The time for which a further thread waits for a place. Those of fast clients become free meanwhile. */
    private static final long PATIENCE_NANOS = 200_000_000;

    private final Map<String, Integer> waiting = new HashMap<>();
    private int total;

    /** Counts a thread that begins to wait. Returns false, and counts nothing, if too many wait. */
    synchronized boolean begin(String address, int threads) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (waiting.getOrDefault(address, 0) >= Math.max(1, threads / 10) || total >= Math.max(2, threads / 5)) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return false;
            }
            try {
                wait(millis);
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        waiting.merge(address, 1, Integer::sum);
        total++;
        return true;
    }

    /** Must be called once for each {@link #begin} that returned true. */
    synchronized void end(String address) {
        waiting.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
        total--;
        notifyAll();
    }
}
