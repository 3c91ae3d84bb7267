package dev.anneal.security;

import dev.anneal.text.Sha256;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.Limits;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpStatus;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Bounds how many wrong keys an address sends, in each process by itself, for each one is looked up. Many may call from one
 * address, a proxy's, so whoever was let in before is not held up by what others send from there.
 */
@Component
public class FailedAuthLimiter {
    private static final int REMEMBERED = 10_000;

    private final int perMinute;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final Map<String, Boolean> good = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    });

    FailedAuthLimiter(Limits limits) {
        this.perMinute = limits.wrongKeysPerMinute();
    }

    /** Throws where too many wrong ones came from the address for this one to be looked at. */
    public void check(String address, String secret) {
        Bucket bucket = buckets.get(address);
        if (bucket != null && bucket.getAvailableTokens() == 0 && good.get(Sha256.of(secret)) == null) {
            throw Problem.limit(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_wrong_keys",
                    "More wrong keys a minute came from this address than may",
                    "anneal.limits.wrong-keys-per-minute",
                    perMinute);
        }
    }

    public void wasGood(String secret) {
        good.put(Sha256.of(secret), true);
    }

    public void wasWrong(String address) {
        if (perMinute > 0) {
            buckets.computeIfAbsent(address, key -> bucket()).tryConsume(1);
        }
    }

    private Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
                .build();
    }

    /** A full bucket is as good as none. */
    @Scheduled(fixedDelay = 60_000)
    void forget() {
        buckets.values().removeIf(bucket -> bucket.getAvailableTokens() >= perMinute);
    }
}
