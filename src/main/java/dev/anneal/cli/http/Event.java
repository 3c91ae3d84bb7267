package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Fields;
import dev.anneal.json.Json;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** One event of a job or of an import. */
public record Event(String type, JsonNode data, JsonNode json) {
    private static final Set<String> LAST = Set.of("succeeded", "failed", "cancelled", "ready");

    public static Event of(String text) {
        JsonNode json = Json.MAPPER.readTree(text);
        return new Event(Fields.text(json, "type"), json.path("data"), json);
    }

    public static boolean isLast(String status) {
        return LAST.contains(status);
    }

    /** Returns whether it is the last event of its stream. */
    public boolean isLast() {
        return type.equals("status") && isLast(Fields.text(data, "status"));
    }
}
