package dev.anneal.cli;

import dev.anneal.json.Json;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** One event of a job or of an import, as the server's stream carries it. */
record JobEvent(String type, JsonNode data, JsonNode json) {
    private static final Set<String> LAST = Set.of("succeeded", "failed", "cancelled", "ready");

    static JobEvent of(String text) {
        JsonNode json = Json.MAPPER.readTree(text);
        return new JobEvent(Fields.text(json, "type"), json.path("data"), json);
    }

    static boolean isLast(String status) {
        return LAST.contains(status);
    }

    /** Whether nothing can come after it. */
    boolean isLast() {
        return type.equals("status") && isLast(Fields.text(data, "status"));
    }
}
