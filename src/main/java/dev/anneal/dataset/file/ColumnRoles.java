package dev.anneal.dataset.file;

import dev.anneal.text.Suggest;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * Finds out what the rows are for and which column plays which role: by what the client said, else by the usual names of
 * such a column.
 */
final class ColumnRoles {
    private static final List<String> LABEL =
            List.of("label", "labels", "class", "category", "sentiment", "intent", "target");
    private static final Map<String, List<String>> USUAL = Map.ofEntries(
            Map.entry(
                    "text",
                    List.of(
                            "text",
                            "sentence",
                            "sentence1",
                            "review",
                            "content",
                            "question",
                            "comment",
                            "body",
                            "input")),
            Map.entry("text_pair", List.of("text_pair", "sentence2", "text_b")),
            Map.entry("label", LABEL),
            Map.entry("labels", LABEL),
            Map.entry("score", List.of("score", "label", "value", "rating", "target", "similarity")),
            Map.entry("tokens", List.of("tokens", "words")),
            Map.entry("tags", List.of("tags", "ner_tags", "labels")),
            Map.entry("messages", List.of("messages", "conversations", "conversation")),
            Map.entry("prompt", List.of("prompt", "instruction", "question", "input")),
            Map.entry("completion", List.of("completion", "response", "output", "answer")),
            Map.entry("split", List.of("split")));
    private static final List<String> LISTS = List.of("tokens", "tags", "messages");

    private final FileFormat format;
    private final List<String> found;
    private final Map<String, String> given;
    private final RawRow first;

    private ColumnRoles(FileFormat format, List<String> found, Map<String, String> given, RawRow first) {
        this.format = format;
        this.found = found;
        this.given = given;
        this.first = first;
    }

    /** The task of the rows and the columns of the roles; the first row tells a list of labels from a single one. */
    record Resolved(DatasetTask task, Map<String, String> columns) {}

    static Resolved resolve(FileFormat format, List<String> found, UploadRequest request, RawRow first) {
        ColumnRoles roles = new ColumnRoles(format, found, request.columns(), first);
        DatasetTask task = request.task() == null ? roles.task() : request.task();
        return new Resolved(task, roles.columns(task));
    }

    /** Whether names of columns are among these. */
    static boolean isHeader(List<String> names) {
        return names.stream()
                .anyMatch(name -> USUAL.values().stream()
                        .anyMatch(usual ->
                                usual.contains(name.strip().replace("\"", "").toLowerCase())));
    }

    /** Where the client does not say: text-classification, unless there is no label and the columns suit another task. */
    private DatasetTask task() {
        if (format == FileFormat.text) {
            throw Problem.invalid(
                    "task",
                    "required",
                    "The file is plain text, without columns; say whether its 'task' is causal-lm or masked-lm.");
        }
        if (given.containsKey("tokens") || given.containsKey("tags") || isList("tokens") && isList("tags")) {
            return DatasetTask.TOKEN_CLASSIFICATION;
        }
        if (found("label").isPresent()) {
            return DatasetTask.TEXT_CLASSIFICATION;
        }
        if (has("messages") || has("prompt", "completion")) {
            return DatasetTask.CAUSAL_LM;
        }
        return given.containsKey("score") ? DatasetTask.TEXT_REGRESSION : DatasetTask.TEXT_CLASSIFICATION;
    }

    private Map<String, String> columns(DatasetTask task) {
        Map<String, String> columns = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : given.entrySet()) {
            check(task, entry.getKey(), entry.getValue());
        }
        for (String role : used(task)) {
            checkUnambiguous(role);
            found(role).ifPresent(column -> columns.put(role, column));
            if (!columns.containsKey(role) && !role.equals("text_pair") && !role.equals("split")) {
                throw missing("No column has the role '" + role + "'; name it in 'columns', as {\"" + role
                        + "\": \"…\"}." + need(task));
            }
        }
        for (String role : LISTS) {
            if (columns.containsKey(role) && (format == FileFormat.csv || format == FileFormat.tsv)) {
                throw Problem.unprocessable(
                        "unsupported_format",
                        "A %s file cannot hold the lists of the role '%s'; send JSONL%s."
                                .formatted(
                                        format.name().toUpperCase(), role, role.equals("messages") ? "" : " or CoNLL"));
            }
        }
        return columns;
    }

    private void check(DatasetTask task, String role, String column) {
        if (!task.roles().contains(role)) {
            throw Problem.invalid(
                    "columns." + role,
                    "unused_role",
                    "The task '%s' has no use for the role '%s'; its roles are %s."
                            .formatted(task.text(), role, String.join(", ", task.roles())));
        }
        if (!used(task).contains(role)) {
            throw Problem.invalid(
                    "columns." + role,
                    "conflicting_roles",
                    "'columns' names '%s' beside %s: a row has either 'label' or 'labels', and either 'text', or 'prompt' and 'completion', or 'messages'."
                            .formatted(role, used(task)));
        }
        if (!found.contains(column)) {
            throw missing("There is no column '" + column + "', which 'columns' names for the role '" + role + "'."
                    + Suggest.nearest(column, found));
        }
    }

    /** Of an instruction and its input, neither is the prompt. */
    private void checkUnambiguous(String role) {
        List<String> candidates = candidates(role);
        if ((role.equals("prompt") || role.equals("completion"))
                && !given.containsKey(role)
                && candidates.size() > 1
                && candidates.stream().noneMatch(role::equalsIgnoreCase)) {
            throw Problem.unprocessable(
                    "ambiguous_columns",
                    "Several columns could be the %s: %s. Name one in 'columns', or join them into a column '%s'."
                            .formatted(role, String.join(", ", candidates), role));
        }
    }

    /** The roles of the task less those of the other kinds of row that it could have. */
    private List<String> used(DatasetTask task) {
        List<String> used = new ArrayList<>(task.roles());
        if (task == DatasetTask.TEXT_CLASSIFICATION) {
            used.remove(isMultiLabel() ? "label" : "labels");
        }
        if (task == DatasetTask.CAUSAL_LM) {
            boolean messages = given.containsKey("messages") || (noneGiven() && has("messages"));
            boolean prompts = given.containsKey("prompt")
                    || given.containsKey("completion")
                    || (noneGiven() && has("prompt", "completion"));
            used.removeAll(messages ? List.of("text", "prompt", "completion") : List.of("messages"));
            used.removeAll(prompts ? List.of("text") : List.of("prompt", "completion"));
        }
        return used;
    }

    private boolean noneGiven() {
        return given.keySet().stream().allMatch("split"::equals);
    }

    private boolean isMultiLabel() {
        if (given.containsKey("label") || given.containsKey("labels")) {
            return given.containsKey("labels");
        }
        Optional<String> column = found("label");
        if (column.isEmpty()) {
            return false;
        }
        JsonNode value = first == null ? null : first.values().get(column.get());
        boolean delimited = format == FileFormat.csv || format == FileFormat.tsv;
        return delimited || value == null ? column.get().equalsIgnoreCase("labels") : value.isArray();
    }

    private boolean has(String... roles) {
        return List.of(roles).stream().allMatch(role -> found(role).isPresent());
    }

    /** The column of a role. A column that is named as the role comes before one that has another usual name. */
    private Optional<String> found(String role) {
        if (given.containsKey(role)) {
            return Optional.of(given.get(role));
        }
        List<String> candidates = candidates(role);
        return candidates.stream()
                .filter(name -> name.equalsIgnoreCase(role))
                .findFirst()
                .or(() -> candidates.stream().findFirst());
    }

    private List<String> candidates(String role) {
        return found.stream()
                .filter(name -> !given.containsValue(name))
                .filter(name -> USUAL.get(role).contains(name.toLowerCase()))
                .toList();
    }

    private boolean isList(String role) {
        return found(role)
                .map(column -> format == FileFormat.conll
                        || first != null && first.values().get(column) instanceof ArrayNode)
                .orElse(false);
    }

    private static String need(DatasetTask task) {
        return task == DatasetTask.CAUSAL_LM
                ? " Rows for causal-lm have a 'text', or a 'prompt' and a 'completion', or 'messages'."
                : "";
    }

    private Problem missing(String what) {
        return Problem.unprocessable("missing_column", what + " Columns found: " + String.join(", ", found) + ".");
    }
}
