package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Thrown when the server refuses a call. The message says what is wrong, in the words of the command line. */
public final class Problem extends Failure {
    private static final int UNPROCESSABLE = 422;
    private static final String LIST = "\nList all of them: ";
    /** The most lines of a file that are named if the same is wrong in all of them. */
    private static final int MOST_LINES = 10;

    private final int status;
    private final String code;
    private final String rejectedDataset;
    private final Set<String> options;

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

    private Problem(
            int status,
            String code,
            String message,
            boolean isWrongValue,
            String rejectedDataset,
            Set<String> options) {
        super(message, isWrongValue ? WRONG_CALL : FAILED);
        this.status = status;
        this.code = code;
        this.rejectedDataset = rejectedDataset;
        this.options = options;
    }

    /**
     * @param server the address that was called
     * @param names the names that the user gave, by the ids that were sent in their place
     * @param own the options of the command by their fields, if other commands have these under other names
     */
    static Problem of(int status, String server, String body, Map<String, String> names, Map<String, String> own) {
        try {
            JsonNode problem = Json.MAPPER.readTree(body);
            if (problem.has("code")) {
                return new Problem(
                        status,
                        Fields.text(problem, "code"),
                        named(describe(problem, own), names),
                        isWrongValue(problem),
                        problem.path("dataset").asString(""),
                        options(problem, own));
            }
        } catch (JacksonException notJson) {
            // A proxy may have answered; only the status is certain.
        }
        return new Problem(
                status,
                "",
                "A call of " + server + " was answered with status " + status
                        + ", but not by an Anneal server. Check --url.",
                false,
                "",
                Set.of());
    }

    private static Set<String> options(JsonNode problem, Map<String, String> own) {
        return problem.path("errors")
                .valueStream()
                .filter(error -> error.hasNonNull("field"))
                .map(error -> Wording.option(Fields.text(error, "field"), own).split(" ")[0])
                .filter(option -> option.startsWith("--"))
                .collect(Collectors.toSet());
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

    private static String describe(JsonNode problem, Map<String, String> own) {
        List<JsonNode> errors = problem.path("errors").valueStream().toList();
        if (problem.hasNonNull("dataset")) {
            return rejected("The file cannot be used:", Fields.text(problem, "dataset"), errors, own);
        }
        if (errors.size() > 1) {
            List<String> lines = new ArrayList<>(List.of("Several values are wrong:"));
            errors.forEach(error -> lines.add("  " + sentence(error, own)));
            return String.join("\n", lines);
        }
        return errors.size() == 1
                ? sentence(errors.get(0), own)
                : Wording.message(Fields.text(problem, "detail"), null, own);
    }

    private static String named(String message, Map<String, String> names) {
        String named = message;
        for (Map.Entry<String, String> name : names.entrySet()) {
            named = named.replace("'" + name.getKey() + "'", "'" + name.getValue() + "'");
        }
        return named;
    }

    /** Returns the failure of an upload whose dataset was rejected after the server had received it. */
    public static Problem rejected(String dataset, boolean isVersion, JsonNode errors, Map<String, String> own) {
        String message = rejected(
                isVersion ? "The version cannot be made:" : "The file cannot be used:",
                dataset,
                errors.valueStream().toList(),
                own);
        return new Problem(UNPROCESSABLE, "rejected", message, false, dataset, Set.of());
    }

    private static String rejected(String reason, String dataset, List<JsonNode> errors, Map<String, String> own) {
        boolean rows = errors.stream().anyMatch(error -> error.hasNonNull("line"));
        List<String> lines = new ArrayList<>(
                List.of(rows ? "The file has bad rows. Correct them and upload the file again:" : reason));
        Map<String, List<JsonNode>> alike = errors.stream()
                .collect(Collectors.groupingBy(
                        error -> error.hasNonNull("line") + sentence(error, "", own),
                        LinkedHashMap::new,
                        Collectors.toList()));
        alike.values().forEach(same -> lines.add("  " + sentence(same.get(0), lines(same), own)));
        return String.join("\n", lines) + LIST + Shell.anneal("datasets problems " + dataset);
    }

    /** Returns the lines of a file in which the same is wrong, if the errors are about lines. */
    private static String lines(List<JsonNode> errors) {
        List<String> numbers = errors.stream()
                .filter(error -> error.hasNonNull("line"))
                .map(error -> error.get("line").toString())
                .distinct()
                .toList();
        return switch (numbers.size()) {
            case 0 -> "";
            case 1 -> "line " + numbers.get(0);
            default ->
                "lines " + String.join(", ", numbers.subList(0, Math.min(MOST_LINES, numbers.size())))
                        + (numbers.size() > MOST_LINES ? " and " + (numbers.size() - MOST_LINES) + " more" : "");
        };
    }

    private static String sentence(JsonNode error, Map<String, String> own) {
        return sentence(error, lines(List.of(error)), own);
    }

    /** Returns the message of an error, after the place it is about unless the message names that itself. */
    private static String sentence(JsonNode error, String line, Map<String, String> own) {
        String message = Wording.message(
                Fields.text(error, "message"), error.hasNonNull("field") ? Fields.text(error, "field") : null, own);
        List<String> place = new ArrayList<>();
        if (!line.isEmpty()) {
            place.add(line);
        }
        if (error.hasNonNull("column")) {
            place.add("column " + Fields.text(error, "column"));
        }
        if (error.hasNonNull("field")) {
            String option = Wording.option(Fields.text(error, "field"), own);
            String name = option.split(" ")[0];
            if (name.startsWith("--") && !message.contains(name)) {
                place.add(option);
            }
        }
        return place.isEmpty() ? message : String.join(", ", place) + ": " + message;
    }

    /** Returns the dataset of a file that was rejected for its rows, empty if the refusal is about something else. */
    public String rejectedDataset() {
        return rejectedDataset;
    }

    /** Returns the options whose values were refused. */
    public Set<String> options() {
        return options;
    }

    /** Returns the message without the command that lists all rows of a dataset that does not stay. */
    public String withoutList() {
        String message = String.valueOf(getMessage());
        int list = rejectedDataset.isEmpty() ? -1 : message.lastIndexOf(LIST);
        return list < 0 ? message : message.substring(0, list);
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
