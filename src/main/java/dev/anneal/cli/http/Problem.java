package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Thrown when the server refuses a call. The message says what is wrong, in the words of the command line. */
public final class Problem extends Failure {
    private final int status;
    private final String code;

    /** The codes of values that no call may have, whatever the server knows: the command was called wrongly. */
    private static final Set<String> WRONG_VALUES = Set.of(
            "out_of_range",
            "invalid_type",
            "invalid_value",
            "invalid_name",
            "invalid_revision",
            "invalid_source",
            "missing_option",
            "needs_sample",
            "conflicting_options",
            "conflicting_fields",
            "conflicting_parameter",
            "unknown_delimiter",
            "unknown_encoding",
            "unknown_format",
            "unknown_header",
            "unknown_kind",
            "unknown_method",
            "unknown_on_error",
            "unknown_role",
            "unknown_severity",
            "unknown_split",
            "unknown_status",
            "unused_field");

    private Problem(int status, String code, String message, boolean isWrongValue) {
        super(message, isWrongValue ? WRONG_CALL : FAILED);
        this.status = status;
        this.code = code;
    }

    /**
     * @param server the address that was called
     * @param names the names that the user gave, by the ids that were sent in their place
     */
    static Problem of(int status, String server, String body, Map<String, String> names) {
        try {
            JsonNode problem = Json.MAPPER.readTree(body);
            if (problem.has("code")) {
                return new Problem(
                        status, Fields.text(problem, "code"), named(describe(problem), names), isWrongValue(problem));
            }
        } catch (JacksonException notJson) {
            // A proxy may have answered; only the status is certain.
        }
        return new Problem(
                status,
                "",
                "A call of " + server + " was answered with status " + status
                        + ", but not by an Anneal server. Check --url.",
                false);
    }

    /** Returns whether all that is wrong are values of options and arguments. */
    private static boolean isWrongValue(JsonNode problem) {
        List<JsonNode> errors = problem.path("errors").valueStream().toList();
        return !errors.isEmpty()
                && !problem.hasNonNull("dataset")
                && errors.stream()
                        .allMatch(error ->
                                error.hasNonNull("field") && WRONG_VALUES.contains(Fields.text(error, "code")));
    }

    private static String describe(JsonNode problem) {
        List<JsonNode> errors = problem.path("errors").valueStream().toList();
        if (problem.hasNonNull("dataset")) {
            return rejected("The file cannot be used:", Fields.text(problem, "dataset"), errors);
        }
        if (errors.size() > 1) {
            List<String> lines = new ArrayList<>(List.of("Several values are wrong:"));
            errors.forEach(error -> lines.add("  " + sentence(error)));
            return String.join("\n", lines);
        }
        return errors.size() == 1 ? sentence(errors.get(0)) : Wording.message(Fields.text(problem, "detail"));
    }

    private static String named(String message, Map<String, String> names) {
        String named = message;
        for (Map.Entry<String, String> name : names.entrySet()) {
            named = named.replace("'" + name.getKey() + "'", "'" + name.getValue() + "'");
        }
        return named;
    }

    /** Returns the failure of an upload whose dataset was rejected after the server had received it. */
    public static Failure rejected(String dataset, boolean isVersion, JsonNode errors) {
        return new Failure(rejected(
                isVersion ? "The version cannot be made:" : "The file cannot be used:",
                dataset,
                errors.valueStream().toList()));
    }

    private static String rejected(String reason, String dataset, List<JsonNode> errors) {
        boolean rows = errors.stream().anyMatch(error -> error.hasNonNull("line"));
        List<String> lines = new ArrayList<>(
                List.of(rows ? "The file has bad rows. Correct them and upload the file again:" : reason));
        errors.forEach(error -> lines.add("  " + sentence(error)));
        lines.add("List all of them: " + Shell.anneal("datasets problems " + dataset));
        return String.join("\n", lines);
    }

    /** Returns the message of an error, after the place it is about unless the message names that itself. */
    private static String sentence(JsonNode error) {
        String message = Wording.message(
                Fields.text(error, "message"), error.hasNonNull("field") ? Fields.text(error, "field") : null);
        List<String> place = new ArrayList<>();
        if (error.hasNonNull("line")) {
            place.add("line " + error.get("line"));
        }
        if (error.hasNonNull("column")) {
            place.add("column " + Fields.text(error, "column"));
        }
        if (error.hasNonNull("field")) {
            String option = Wording.option(Fields.text(error, "field"));
            String name = option.split(" ")[0];
            if (name.startsWith("--") && !message.contains(name)) {
                place.add(option);
            }
        }
        return place.isEmpty() ? message : String.join(", ", place) + ": " + message;
    }

    /** Returns the server's stable code for the refusal, empty if another program answered. */
    public String code() {
        return code;
    }

    /** Returns whether the same call may succeed a little later. */
    public boolean mayPass() {
        return status >= 500;
    }
}
