package dev.anneal.worker.executor;

import dev.anneal.json.Json;
import dev.anneal.text.Cut;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Separates events from log lines in the output of a trainer, and keeps the last lines of its log. */
public final class TrainerOutput {
    private static final int TAIL = 20;
    private static final int MAX_LINE = 10_000;

    private final Deque<String> tail = new ArrayDeque<>();

    /** Returns the event, or null if the line is not one. */
    public static @Nullable JsonNode event(String line) {
        try {
            JsonNode node = Json.MAPPER.readTree(line);
            return node.isObject() ? node : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    /** Remembers the line as part of the tail, and returns it shortened for display. */
    public String log(String line) {
        String shown = Cut.to(line, MAX_LINE);
        synchronized (tail) {
            tail.addLast(shown);
            if (tail.size() > TAIL) {
                tail.removeFirst();
            }
        }
        return shown;
    }

    public List<String> tail() {
        synchronized (tail) {
            return new ArrayList<>(tail);
        }
    }
}
