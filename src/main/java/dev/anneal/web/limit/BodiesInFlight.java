package dev.anneal.web.limit;

import dev.anneal.web.Problem;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * The bodies that this process receives and works on now. Each body that is still arriving occupies a thread, and each JSON
 * body takes many times its size in memory, so both are limited for each project and in total. Some threads always remain
 * for other requests.
 */
@Component
class BodiesInFlight {
    /** The time for which a request waits if its project has too many bodies on the way. Those of a fast client arrive meanwhile. */
    private static final long PATIENCE_NANOS = 200_000_000;

    private static final String ARRIVING = "anneal.request.max-arriving";
    private static final String BYTES = "anneal.request.max-bytes-in-flight";

    private final Map<String, Integer> arriving = new HashMap<>();
    private final Map<String, Long> bytes = new HashMap<>();
    private final int maxArriving;
    private final int maxArrivingInTotal;
    private final long maxBytes;
    private final long maxBytesInTotal;
    private int totalArriving;
    private long totalBytes;

    BodiesInFlight(RequestSettings settings, TomcatServerProperties tomcat) {
        this.maxArrivingInTotal = Math.max(1, tomcat.getThreads().getMax() * 3 / 5);
        this.maxArriving =
                settings.maxArriving() == 0 ? maxArrivingInTotal : Math.min(settings.maxArriving(), maxArrivingInTotal);
        this.maxBytes = settings.maxBytesInFlight().toBytes();
        this.maxBytesInTotal = Math.max(maxBytes, Runtime.getRuntime().maxMemory() / 32);
    }

    /** Counts a body that begins to arrive. Throws if too many are on the way. */
    synchronized void begin(String project) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (totalArriving >= maxArrivingInTotal || arriving.getOrDefault(project, 0) >= maxArriving) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                throw tooMany("too_many_bodies", "Too many request bodies are arriving slowly", ARRIVING, maxArriving);
            }
            try {
                wait(millis);
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                throw tooMany("too_many_bodies", "The server is shutting down", ARRIVING, maxArriving);
            }
        }
        arriving.merge(project, 1, Integer::sum);
        totalArriving++;
    }

    /** Must be called once for each {@link #begin}, when the body has arrived or its request has ended. */
    synchronized void end(String project) {
        arriving.computeIfPresent(project, (who, count) -> count == 1 ? null : count - 1);
        totalArriving--;
        notifyAll();
    }

    /** Counts bytes of a body in memory. Throws if the project, or all projects, have too many. */
    synchronized void take(String project, long count) {
        long sum = bytes.getOrDefault(project, 0L) + count;
        bytes.put(project, sum);
        totalBytes += count;
        if (sum > maxBytes || totalBytes > maxBytesInTotal) {
            throw tooMany(
                    "too_many_bytes_in_flight",
                    "The requests that the server works on now have too many bytes",
                    BYTES,
                    maxBytes);
        }
    }

    /** Returns the bytes of a request that has ended. */
    synchronized void giveBack(String project, long count) {
        bytes.computeIfPresent(project, (who, sum) -> sum <= count ? null : sum - count);
        totalBytes -= count;
    }

    private static Problem tooMany(String code, String detail, String setting, long limit) {
        return Problem.limit(HttpStatus.TOO_MANY_REQUESTS, code, detail, setting, limit);
    }
}
