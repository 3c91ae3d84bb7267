package dev.anneal.security.filter;

import dev.anneal.web.Problem;
import dev.anneal.web.ProblemWriter;
import dev.anneal.web.RateLimitKey;
import dev.anneal.web.limit.Limits;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Limits the requests of each key, per process. It runs after the filter that reads the key, and before those that refuse a
 * request, so that refused requests count as well. Requests without a valid key are counted by address.
 */
@Component
public class RateLimitFilter extends OncePerRequestFilter {
    private static final List<PathPattern> LIMITED = List.of(
            PathPatternParser.defaultInstance.parse("/api/**"), PathPatternParser.defaultInstance.parse("/ui/**"));

    private final Limits limits;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    RateLimitFilter(Limits limits) {
        this.limits = limits;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        // Match like Spring does: a client may encode the path (/%61pi).
        PathContainer path = ServletRequestPathUtils.parse(request).pathWithinApplication();
        return limits.requestsPerSecond() == 0 || LIMITED.stream().noneMatch(limited -> limited.matches(path));
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ConsumptionProbe probe = buckets.computeIfAbsent(RateLimitKey.of(request), key -> bucket())
                .tryConsumeAndReturnRemaining(1);
        response.setHeader(
                "RateLimit-Policy",
                "\"key\";q=%d;w=%d"
                        .formatted(
                                limits.requestBurst(),
                                Math.max(1, limits.requestBurst() / limits.requestsPerSecond())));
        long seconds = Math.max(1, (probe.getNanosToWaitForRefill() + 999_999_999) / 1_000_000_000);
        response.setHeader("RateLimit", "\"key\";r=%d;t=%d".formatted(probe.getRemainingTokens(), seconds));
        if (probe.isConsumed()) {
            chain.doFilter(request, response);
            return;
        }
        Problem problem = Problem.limit(
                HttpStatus.TOO_MANY_REQUESTS,
                "too_many_requests",
                "Rate limit exceeded for this key",
                "anneal.limits.requests-per-second",
                limits.requestsPerSecond());
        response.setHeader("Retry-After", String.valueOf(seconds));
        ProblemWriter.write(problem, request, response);
    }

    private Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(limits.requestBurst())
                        .refillGreedy(limits.requestsPerSecond(), Duration.ofSeconds(1)))
                .build();
    }

    /** Removes full buckets, which mean the same as none. */
    @Scheduled(fixedDelay = 60_000)
    void removeFullBuckets() {
        buckets.values().removeIf(bucket -> bucket.getAvailableTokens() >= limits.requestBurst());
    }
}
