package dev.anneal.web;

import io.micrometer.core.instrument.Metrics;
import java.util.Map;
import java.util.Objects;
import org.springframework.http.ProblemDetail;

/** Counts the problems that requests are answered with, by status and code, in the registry of the process. */
final class ProblemCounter {
    private ProblemCounter() {}

    static void count(ProblemDetail problem) {
        Object code = Objects.requireNonNullElse(problem.getProperties(), Map.<String, Object>of())
                .getOrDefault("code", "none");
        Metrics.counter("anneal.problems", "status", String.valueOf(problem.getStatus()), "code", String.valueOf(code))
                .increment();
    }
}
