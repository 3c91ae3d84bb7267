package dev.anneal.cli;

import dev.anneal.json.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What the server refused, in its own words: code, detail, and every wrong field or line. */
final class Problem extends Failure {
    private final int status;

    private Problem(int status, String message) {
        super(message);
        this.status = status;
    }

    static Problem of(int status, String request, String body) {
        try {
            JsonNode problem = Json.MAPPER.readTree(body);
            if (problem.has("code")) {
                return new Problem(status, describe(problem));
            }
        } catch (JacksonException notJson) {
            // Something between this client and the server has answered; the status is all that is sure.
        }
        return new Problem(status, "The answer to " + request + " was " + status + ", not one of an Anneal server.");
    }

    private static String describe(JsonNode problem) {
        List<String> lines = new ArrayList<>();
        lines.add(Fields.text(problem, "code") + ": " + Fields.text(problem, "detail"));
        for (JsonNode error : problem.path("errors")) {
            lines.add("  " + place(error) + Fields.text(error, "message"));
        }
        if (problem.hasNonNull("dataset")) {
            lines.add(
                    "Every problem of the file: GET /api/v1/datasets/" + Fields.text(problem, "dataset") + "/problems");
        }
        return String.join("\n", lines);
    }

    private static String place(JsonNode error) {
        List<String> place = new ArrayList<>();
        if (error.hasNonNull("line")) {
            place.add("line " + error.get("line"));
        }
        if (error.hasNonNull("column")) {
            place.add("column " + Fields.text(error, "column"));
        }
        if (error.hasNonNull("field")) {
            place.add(Fields.text(error, "field"));
        }
        return place.isEmpty() ? "" : String.join(", ", place) + ": ";
    }

    /** Whether the same request may well succeed a little later. */
    boolean mayPass() {
        return status >= 500;
    }
}
