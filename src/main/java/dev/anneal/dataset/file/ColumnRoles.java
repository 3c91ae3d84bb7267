package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import dev.anneal.dataset.format.RawRow;
import dev.anneal.text.Suggest;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Determines the task of the rows and the columns of its roles: as the request says, or else by the usual names of columns. */
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
    /** The roles that a row need not have. */
    private static final List<String> OPTIONAL = List.of("text_pair", "group", "time", "kept", "split");

    /** The roles that must have only one candidate, unless a column has the name of the role. */
    private static final List<String> UNAMBIGUOUS = List.of("text", "label", "labels", "score", "prompt", "completion");

    /** The roles that say nothing about the form of a row. */
    private static final List<String> ANY_FORM = List.of("group", "time", "kept", "split");
    /** The most columns that a message lists. */
    private static final int MAX_NAMES = 50;

    private static final Pattern NUMBER = Pattern.compile("[-+]?\\d*\\.?\\d+([eE][-+]?\\d+)?");

    private final FileFormat format;
    private final List<String> found;
    private final Map<String, List<String>> given;
    private final boolean areSeparated;
    private final List<RawRow> first;

    private ColumnRoles(FileFormat format, List<String> found, UploadRequest request, List<RawRow> first) {
        this.format = format;
        this.found = found;
        this.given = request.columns();
        this.areSeparated = request.labels().separator() != null;
        this.first = first;
    }

    /** The task of the rows, the columns by role, and the dialect of the rows if they have one. */
    record Resolved(
            DatasetTask task,
            Map<String, List<String>> columns,
            @Nullable String dialect) {}

    /** Resolves the roles. The first rows tell a list of labels from a single label. */
    static Resolved resolve(FileFormat format, List<String> found, UploadRequest request, List<RawRow> first) {
        ColumnRoles roles = new ColumnRoles(format, found, request, first);
        DatasetTask task = request.task() == null ? roles.task() : request.task();
        Map<String, List<String>> columns = roles.columns(task);
        return new Resolved(task, columns, roles.dialect(columns));
    }

    /**
     * Returns whether a column would change the roles if the file had it.
     *
     * @param resolved the roles of the columns that were found
     */
    static boolean isMissed(
            String column,
            Resolved resolved,
            FileFormat format,
            Collection<String> found,
            UploadRequest request,
            List<RawRow> first) {
        if (!isHeader(List.of(column)) && !column.equalsIgnoreCase("context")) { // which only rows of Dolly have
            return false;
        }
        List<String> all = Stream.concat(found.stream(), Stream.of(column)).toList();
        try {
            ColumnRoles roles = new ColumnRoles(format, all, request, first);
            return !roles.columns(resolved.task()).equals(resolved.columns());
        } catch (Problem ambiguous) {
            return true;
        }
    }

    /** Returns whether one of the names is a usual name of a column. */
    static boolean isHeader(List<String> names) {
        return names.stream()
                .anyMatch(name -> USUAL.values().stream()
                        .anyMatch(usual ->
                                usual.contains(name.strip().replace("\"", "").toLowerCase())));
    }

    /** Returns the task if the request has none: text-classification, unless there is no label and the columns suit another task. */
    private DatasetTask task() {
        if (format == FileFormat.text && !found.contains("label")) {
            throw Problem.invalid(
                    "task",
                    "required",
                    "The file is plain text without columns. Set 'task' to causal-lm or masked-lm.");
        }
        if (noneGiven() && instruction().isPresent()) {
            return DatasetTask.CAUSAL_LM; // before a label, because rows of Dolly have a category
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
        return given.containsKey("score")
                        || found("score").filter(this::hasNumbers).isPresent()
                ? DatasetTask.TEXT_REGRESSION
                : DatasetTask.TEXT_CLASSIFICATION;
    }

    /** Returns whether the first rows have a number in each of the columns. */
    private boolean hasNumbers(List<String> columns) {
        return !first.isEmpty()
                && columns.stream()
                        .allMatch(column -> first.stream()
                                .map(row -> row.values().get(column))
                                .filter(Objects::nonNull)
                                .allMatch(value -> value.isNumber()
                                        || value.isString()
                                                && value.stringValue().length() <= RowChecker.MAX_NUMBER
                                                && NUMBER.matcher(value.stringValue()
                                                                .strip())
                                                        .matches()));
    }

    private Map<String, List<String>> columns(DatasetTask task) {
        Map<String, List<String>> columns = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> entry : given.entrySet()) {
            check(task, entry.getKey(), entry.getValue());
        }
        for (String role : used(task)) {
            checkUnambiguous(role);
            found(role).ifPresent(names -> columns.put(role, names));
            if (!columns.containsKey(role) && !OPTIONAL.contains(role)) {
                throw missing("No column has the role '" + role + "'. Name the column in 'columns', as in {\"" + role
                        + "\": \"…\"}." + requirement(task) + noScores(role));
            }
        }
        for (String role : LISTS) {
            if (columns.containsKey(role) && format.hasCells()) {
                throw Problem.unprocessable(
                        "unsupported_format",
                        "A %s file cannot contain the lists of the role '%s'. Send JSONL%s instead."
                                .formatted(format.title(), role, role.equals("messages") ? "" : " or CoNLL"));
            }
        }
        return columns;
    }

    private void check(DatasetTask task, String role, List<String> columns) {
        if (!task.roles().contains(role)) {
            throw Problem.invalid(
                    "columns." + role,
                    "unused_role",
                    "The task '%s' does not use the role '%s'. Its roles are %s."
                            .formatted(task.text(), role, String.join(", ", task.roles())));
        }
        if (!used(task).contains(role)) {
            throw Problem.invalid(
                    "columns." + role,
                    "conflicting_roles",
                    "'columns' contains '%s' together with %s. A row has either 'label' or 'labels', and either 'text', or 'prompt' and 'completion', or 'messages'."
                            .formatted(
                                    role,
                                    used(task).stream()
                                            .map(used -> "'" + used + "'")
                                            .collect(Collectors.joining(", "))));
        }
        for (String column : columns) {
            if (!found.contains(column)) {
                throw missing("'columns' names '" + Problem.quote(column) + "' for the role '" + role
                        + "', but the file has no such column." + Suggest.nearest(column, found));
            }
        }
    }

    /** Refuses several candidates for a role, such as an instruction and its input, a question and a sentence, or two kinds of labels. */
    private void checkUnambiguous(String role) {
        List<String> candidates = candidates(role);
        boolean isInstruction = (role.equals("prompt") || role.equals("completion"))
                && instruction().isPresent();
        if (UNAMBIGUOUS.contains(role)
                && !given.containsKey(role)
                && !isInstruction
                && candidates.size() > 1
                && candidates.stream().noneMatch(name -> isExact(role, name))) {
            throw Problem.unprocessable(
                    "ambiguous_columns",
                    "Several columns could be the %s: %s. Name the right one in 'columns', as in {\"%s\": \"%s\"}%s."
                            .formatted(
                                    role,
                                    names(candidates),
                                    role,
                                    Problem.quote(candidates.get(0)),
                                    UploadRequest.JOINED.contains(role) ? ", or several in a list" : ""));
        }
    }

    /** Returns whether a column has the name of a role. A column of lists of labels may be called label. */
    private static boolean isExact(String role, String name) {
        return name.equalsIgnoreCase(role) || role.equals("labels") && name.equalsIgnoreCase("label");
    }

    /** Returns the roles of the task, without those of other kinds of rows that the task allows. */
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
        return ANY_FORM.containsAll(given.keySet());
    }

    private boolean isMultiLabel() {
        if (given.containsKey("label") || given.containsKey("labels")) {
            return given.containsKey("labels");
        }
        Optional<List<String>> columns = found("label");
        if (columns.isEmpty()) {
            return false;
        }
        if (areSeparated) {
            return true;
        }
        String column = columns.get().get(0);
        JsonNode value = sample(column);
        return format.hasCells() || value == null ? column.equalsIgnoreCase("labels") : value.isArray();
    }

    /** Returns the first value of a column, or null if the first rows have none. */
    private @Nullable JsonNode sample(String column) {
        return first.stream()
                .map(row -> row.values().get(column))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private boolean has(String... roles) {
        return List.of(roles).stream().allMatch(role -> found(role).isPresent());
    }

    /** Returns the columns of a role. A column with the role's own name comes before one with another usual name. */
    private Optional<List<String>> found(String role) {
        if (given.containsKey(role)) {
            return Optional.of(given.get(role));
        }
        if (role.equals("prompt")
                && !given.containsKey("completion")
                && instruction().isPresent()) {
            return Optional.of(instruction().get().prompt());
        }
        if (role.equals("completion")
                && !given.containsKey("prompt")
                && instruction().isPresent()) {
            return Optional.of(List.of(instruction().get().completion()));
        }
        List<String> candidates = candidates(role);
        return candidates.stream()
                .filter(name -> name.equalsIgnoreCase(role))
                .findFirst()
                .or(() ->
                        candidates.stream().filter(name -> isExact(role, name)).findFirst())
                .or(() -> candidates.stream().findFirst())
                .map(List::of);
    }

    private List<String> candidates(String role) {
        return found.stream()
                .filter(name -> given.values().stream().noneMatch(columns -> columns.contains(name)))
                .filter(name -> USUAL.getOrDefault(role, List.of()).contains(name.toLowerCase()))
                .toList();
    }

    private boolean isList(String role) {
        return found(role)
                .map(columns -> format == FileFormat.conll || sample(columns.get(0)) instanceof ArrayNode)
                .orElse(false);
    }

    /** An instruction, which may have an input, and its answer. */
    private record Instruction(String dialect, List<String> prompt, String completion) {}

    /** Returns the columns of Alpaca or Dolly if the file has them. */
    private Optional<Instruction> instruction() {
        return instruction("alpaca", "input", "output").or(() -> instruction("dolly", "context", "response"));
    }

    private Optional<Instruction> instruction(String dialect, String input, String output) {
        Optional<String> instruction = named("instruction");
        Optional<String> completion = named(output);
        boolean isOther = named("prompt").isPresent() || named("completion").isPresent();
        return instruction.isEmpty() || completion.isEmpty() || isOther
                ? Optional.empty()
                : Optional.of(new Instruction(
                        dialect,
                        Stream.concat(instruction.stream(), named(input).stream())
                                .toList(),
                        completion.get()));
    }

    private Optional<String> named(String name) {
        return found.stream().filter(name::equalsIgnoreCase).findFirst();
    }

    private @Nullable String dialect(Map<String, List<String>> columns) {
        if (columns.containsKey("messages")) {
            JsonNode messages = sample(columns.get("messages").get(0));
            boolean isShareGpt = messages != null && messages.path(0).has("from");
            return isShareGpt ? "sharegpt" : "openai";
        }
        if (!columns.containsKey("completion")) {
            return null;
        }
        return instruction()
                .filter(found -> found.prompt().equals(columns.get("prompt")))
                .map(Instruction::dialect)
                .orElse("prompt-completion");
    }

    private static String requirement(DatasetTask task) {
        return task == DatasetTask.CAUSAL_LM
                ? " Rows for causal-lm need 'text', or 'prompt' and 'completion', or 'messages'."
                : "";
    }

    /** Says why a column with the usual name of scores was not taken for them, if rows have no label. */
    private String noScores(String role) {
        return found("score")
                .filter(columns -> role.equals("label") && !hasNumbers(columns))
                .map(columns ->
                        " The column '%s' could hold scores, but its first rows have values that are not numbers such as 3 or -0.25."
                                .formatted(Problem.quote(columns.get(0))))
                .orElse("");
    }

    private Problem missing(String what) {
        return Problem.unprocessable(
                "missing_column",
                what + " Columns found: " + names(found) + "."
                        + (format.hasCells() && !found.contains("column_1")
                                ? " If the first line is not a header, set 'header' to false."
                                : ""));
    }

    private static String names(List<String> columns) {
        String names = columns.stream().limit(MAX_NAMES).map(Problem::quote).collect(Collectors.joining(", "));
        return columns.size() > MAX_NAMES ? names + ", …" : names;
    }
}
