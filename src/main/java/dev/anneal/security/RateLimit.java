package dev.anneal.security;

import dev.anneal.web.Problem;
import dev.anneal.web.ProblemWriter;
import dev.anneal.web.Requester;
import dev.anneal.web.limit.Limits;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpStatus;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Bounds how many requests a key makes, in each process by itself. It comes after the filter that knows the key, and before
 * those that refuse, which are counted too; who has no good key is counted by address.
 */
@Component
public class RateLimit extends OncePerRequestFilter {
    private static final PathPattern API = PathPatternParser.defaultInstance.parse("/api/**");

    private final Limits limits;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    RateLimit(Limits limits) {
        this.limits = limits;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        // As handlers are found: the text of the path may spell it otherwise (/%61pi).
        return limits.requestsPerSecond() == 0
                || !API.matches(ServletRequestPathUtils.parse(request).pathWithinApplication());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ConsumptionProbe probe =
                buckets.computeIfAbsent(Requester.of(request), key -> bucket()).tryConsumeAndReturnRemaining(1);
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
                "More requests a second than a key may make",
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

    /** A full bucket is as good as none. */
    @Scheduled(fixedDelay = 60_000)
    void forget() {
        buckets.values().removeIf(bucket -> bucket.getAvailableTokens() >= limits.requestBurst());
    }
}
