package dev.anneal.dataset.statistics;

import dev.anneal.web.Problem;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Results that are computed once, because datasets and models never change; the most recently used ones are kept. Of a project,
 * one result is computed at a time.
 */
final class OncePerProject<T> {
    private static final int WAITING = 50;
    private static final CompletableFuture<Boolean> NOTHING = CompletableFuture.completedFuture(true);

    private final Map<String, CompletableFuture<T>> results;
    /** The last computation of each project that has one. */
    private final Map<String, CompletableFuture<T>> last = new HashMap<>();

    private final Map<String, Integer> waiting = new HashMap<>();

    OncePerProject(int kept) {
        this.results = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<T>> eldest) {
                return size() > kept;
            }
        };
    }

    /** Returns the result of a key. It is computed after those that the project has asked for before. */
    synchronized CompletableFuture<T> get(String key, String project, Supplier<CompletableFuture<T>> compute) {
        CompletableFuture<T> known = results.get(key);
        if (known != null && !known.isCompletedExceptionally()) {
            return known;
        }
        if (waiting.getOrDefault(project, 0) >= WAITING) {
            throw new Problem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_busy",
                    "The project waits for the statistics of too many datasets. Try again later.");
        }
        waiting.merge(project, 1, Integer::sum);
        CompletableFuture<?> before = last.containsKey(project) ? last.get(project) : NOTHING;
        CompletableFuture<T> result =
                before.handle((ignored, failure) -> compute.get()).thenCompose(next -> next);
        results.put(key, result);
        last.put(project, result);
        result.whenComplete((value, failure) -> ended(project, result));
        return result;
    }

    /** Returns a result that is there already, or null. */
    synchronized @Nullable CompletableFuture<T> known(String key) {
        CompletableFuture<T> known = results.get(key);
        return known != null && known.isDone() && !known.isCompletedExceptionally() ? known : null;
    }

    private synchronized void ended(String project, CompletableFuture<T> result) {
        last.remove(project, result);
        waiting.computeIfPresent(project, (same, count) -> count == 1 ? null : count - 1);
    }
}
