package dev.anneal.web.limit;

import dev.anneal.web.Problem;
import dev.anneal.web.RateLimitKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Limits the event streams that each key has open in this process. */
@Component
public class StreamLimit {
    private final Limits limits;
    private final Map<String, Integer> open = new ConcurrentHashMap<>();

    StreamLimit(Limits limits) {
        this.limits = limits;
    }

    /** Counts one more stream of the caller. The result must be run once, when the stream has ended. */
    public Runnable open() {
        String who = RateLimitKey.current();
        int max = limits.eventStreams();
        int now = open.merge(who, 1, Integer::sum);
        if (max > 0 && now > max) {
            close(who);
            throw Problem.limit(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_streams",
                    "This key has too many open event streams",
                    "anneal.limits.event-streams",
                    max);
        }
        return () -> close(who);
    }

    private void close(String who) {
        open.computeIfPresent(who, (key, count) -> count == 1 ? null : count - 1);
    }
}
