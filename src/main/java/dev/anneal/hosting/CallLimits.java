package dev.anneal.hosting;

import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Bounds what waits for models, per model and per key. It counts texts; a long text counts as one for each
 * {@value #CHARACTERS} characters, so that the memory of what waits is bounded, too. A call for which nothing else waits is
 * always accepted, as is one of a project of which nothing waits for that model.
 */
@Component
public class CallLimits {
    private static final int CHARACTERS = 1000;

    /** Room that a call has reserved; closing it gives the room back. */
    public final class Permit implements AutoCloseable {
        private final String model;
        private final String project;
        private final String key;
        private final int weight;
        private boolean closed;

        private Permit(String model, String project, String key, int weight) {
            this.model = model;
            this.project = project;
            this.key = key;
            this.weight = weight;
        }

        @Override
        public void close() {
            synchronized (CallLimits.this) {
                if (!closed) {
                    closed = true;
                    subtract(waiting, model, weight);
                    subtract(waiting, project, weight);
                    subtract(waiting, key, weight);
                }
            }
        }
    }

    private final HostSettings settings;
    /** The weight of what waits, by model, by model and project, and by key. */
    private final Map<String, Integer> waiting = new HashMap<>();

    CallLimits(HostSettings settings, MeterRegistry meters) {
        this.settings = settings;
        meters.gauge("anneal.inference.waiting", this, CallLimits::waiting);
    }

    /** Reserves room for texts to predict, with the number of their characters. Throws a problem if there is none. */
    public Permit predict(String model, String project, String key, int texts, long characters) {
        int weight = (int) Math.min(Integer.MAX_VALUE / 2, texts + characters / CHARACTERS);
        return enter("predict " + model, project, key, weight, settings.maxWaiting(), "anneal.inference.max-waiting");
    }

    /** Reserves room for a text to generate. Throws a problem if there is none. */
    public Permit generate(String model, String project, String key) {
        return enter(
                "generate " + model,
                project,
                key,
                1,
                settings.maxGenerations() + settings.maxWaitingGenerations(),
                "anneal.inference.max-waiting-generations");
    }

    private synchronized Permit enter(String model, String project, String key, int weight, int limit, String setting) {
        String keyName = "key " + key;
        String projectName = "project " + project + " " + model;
        if (waiting.containsKey(projectName)) { // else the calls of other projects would keep its first one out
            require(model, weight, limit, "Too many texts are waiting for this model", setting);
        }
        require(
                keyName,
                weight,
                settings.maxWaitingPerKey(),
                "Too many texts of this key are waiting",
                "anneal.inference.max-waiting-per-key");
        waiting.merge(model, weight, Integer::sum);
        waiting.merge(projectName, weight, Integer::sum);
        waiting.merge(keyName, weight, Integer::sum);
        return new Permit(model, projectName, keyName, weight);
    }

    private void require(String name, int weight, int limit, String what, String setting) {
        int before = waiting.getOrDefault(name, 0);
        if (before > 0 && before + weight > limit) {
            throw new Problem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_busy",
                    "%s (%s is %,d). Try again later.".formatted(what, setting, limit));
        }
    }

    private static void subtract(Map<String, Integer> counts, String name, int weight) {
        counts.computeIfPresent(name, (same, before) -> before == weight ? null : Integer.valueOf(before - weight));
    }

    private synchronized int waiting() {
        return waiting.entrySet().stream()
                .filter(entry ->
                        !entry.getKey().startsWith("key ") && !entry.getKey().startsWith("project "))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }
}
