package dev.anneal.security.filter;

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
 * Limits the wrong keys, the cookies that stand for no session and the codes that an issuer refuses, per address and process, because
 * each one costs a query or a call. Many callers may share the address of a proxy, so those that were valid before are still accepted.
 */
@Component
public class FailedAuthLimiter {
    private static final int REMEMBERED = 10_000;

    private final int perMinute;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final Map<String, Boolean> valid = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    });

    FailedAuthLimiter(Limits limits) {
        this.perMinute = limits.wrongKeysPerMinute();
    }

    /** Throws if the address has sent too many wrong keys and this one was not valid before. */
    public void check(String address, String secret) {
        Bucket bucket = buckets.get(address);
        if (bucket != null && bucket.getAvailableTokens() == 0 && valid.get(Sha256.of(secret)) == null) {
            throw Problem.limit(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_wrong_keys",
                    "Too many wrong keys, cookies of no session or refused sign-ins per minute came from this address",
                    "anneal.limits.wrong-keys-per-minute",
                    perMinute);
        }
    }

    public void succeeded(String secret) {
        valid.put(Sha256.of(secret), true);
    }

    public void failed(String address, String secret) {
        valid.remove(Sha256.of(secret));
        if (perMinute > 0) {
            buckets.computeIfAbsent(address, key -> bucket()).tryConsume(1);
        }
    }

    private Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
                .build();
    }

    /** Removes full buckets, which mean the same as none. */
    @Scheduled(fixedDelay = 60_000)
    void removeFullBuckets() {
        buckets.values().removeIf(bucket -> bucket.getAvailableTokens() >= perMinute);
    }
}
