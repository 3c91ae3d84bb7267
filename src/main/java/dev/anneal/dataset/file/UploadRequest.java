package dev.anneal.dataset.file;

import dev.anneal.dataset.format.Delimiter;
import dev.anneal.dataset.format.FileFormat;
import dev.anneal.dataset.unpack.Encoding;
import dev.anneal.json.Json;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The checked form fields of an upload. The task and the split are null if they are not given. */
public record UploadRequest(
        String name,
        @Nullable DatasetTask task,
        Map<String, List<String>> columns,
        @Nullable SplitOptions split,
        FileOptions files,
        LabelOptions labels) {
    /** The fields of the form that hold files. The rows of the last three have the split of that name. */
    public static final List<String> FILES = List.of("file", "train", "validation", "test");

    /** All fields of the form. */
    public static final List<String> FIELDS = List.of(
            "file",
            "train",
            "validation",
            "test",
            "upload",
            "source",
            "revision",
            "config",
            "name",
            "task",
            "columns",
            "split",
            "format",
            "encoding",
            "delimiter",
            "header",
            "label_names",
            "label_until",
            "label_separator",
            "file_labels",
            "checks",
            "on_error",
            "max_skipped");

    static final List<String> ROLES = List.of(
            "text",
            "text_pair",
            "label",
            "labels",
            "score",
            "tokens",
            "tags",
            "messages",
            "prompt",
            "completion",
            "group",
            "time",
            "kept",
            "split");
    /** The roles that several columns can have together. */
    static final List<String> JOINED = List.of("text", "text_pair", "prompt", "completion", "labels");

    /** The most columns that are kept with the rows. */
    private static final int MAX_KEPT = 10;

    /** The columns by which a report is sliced whatever the dataset has. */
    private static final List<String> OF_REPORTS = List.of("file", "words");

    private static final int MAX_NAMES = 10_000;
    private static final int MAX_LABEL = 200;
    /** The characters of a text that ends or separates labels. */
    private static final int MAX_MARK = 20;

    /** Returns what to do about form fields that have the name of a role or of another API's field. */
    public static Map<String, String> hints() {
        Map<String, String> hints = new LinkedHashMap<>();
        for (String role : ROLES) {
            hints.put(role, "Name the column in 'columns', for example columns={\"%s\": \"COLUMN\"}.".formatted(role));
        }
        for (String share : List.of("validation", "test", "seed", "order", "method", "folds", "fold")) {
            hints.put(share, "Send it in 'split', for example split={\"validation\": 0.1, \"seed\": 7}.");
        }
        for (String source : List.of("url", "repository", "repo", "hub")) {
            hints.put(
                    source,
                    "Send it in 'source', for example source=https://example.org/rows.csv or source=hf:org/name.");
        }
        hints.put("purpose", "Leave it out. A job names its dataset.");
        return hints;
    }

    /** Checks the fields of a form that are not files. */
    public static UploadRequest of(String fileName, Map<String, String> form) {
        String name = form.getOrDefault("name", "");
        String shown = name.isBlank() ? (fileName.isBlank() ? "dataset" : fileName) : name;
        ObjectNode given = Json.MAPPER.createObjectNode().put("name", shown);
        for (String field : List.of("task", "format", "encoding", "header")) {
            String value = form.getOrDefault(field, "");
            if (!value.isEmpty()) {
                given.put(field, value.toLowerCase());
            }
        }
        JsonFields fields = new JsonFields(given);
        fields.name("name");
        String task = fields.choice("task", DatasetTask.NAMES);
        String format = fields.choice("format", FileFormat.NAMES);
        String encoding = fields.choice("encoding", Encoding.NAMES);
        String header = fields.choice("header", List.of("true", "false"));
        String until = mark("label_until", form, fields);
        String separator = mark("label_separator", form, fields);
        String delimiter = delimiter(form.getOrDefault("delimiter", ""), fields);
        fields.done();
        return new UploadRequest(
                shown,
                task == null ? null : DatasetTask.of(task),
                columns(form.get("columns")),
                SplitOptions.parse(form.get("split")),
                new FileOptions(
                        format == null ? null : FileFormat.valueOf(format),
                        encoding,
                        delimiter,
                        header == null ? null : header.equals("true")),
                new LabelOptions(
                        labelNames(form.get("label_names")),
                        false,
                        until,
                        separator,
                        fileLabels(form.get("file_labels"))));
    }

    /** Returns a text that ends or separates labels. It may be white space, and a tab has a name, as for a delimiter. */
    private static @Nullable String mark(String field, Map<String, String> form, JsonFields fields) {
        String given = form.getOrDefault(field, "");
        if (given.length() > MAX_MARK || given.indexOf('\0') >= 0) {
            fields.wrong(
                    field, "invalid_value", "must have 1 to %d characters and no null character".formatted(MAX_MARK));
        }
        return given.isEmpty() ? null : Delimiter.name(given).equals(Delimiter.TAB) ? "\t" : given;
    }

    private static @Nullable String delimiter(String given, JsonFields fields) {
        if (given.isEmpty()) {
            return null;
        }
        String name = Delimiter.name(given);
        if (name.isEmpty()) {
            fields.wrong(
                    "delimiter",
                    "unknown_delimiter",
                    "'%s' is not a valid value for 'delimiter'. Valid values: one character such as ; or |, tab, or first-space."
                            .formatted(Problem.quote(given)));
        }
        return name;
    }

    private static Map<String, List<String>> columns(@Nullable String json) {
        if (json == null || json.isBlank()) {
            return Map.of();
        }
        JsonFields fields = parse("columns", json);
        for (String role : ROLES) {
            fields.get(role);
        }
        fields.refuseUnknown();
        Map<String, List<String>> columns = new LinkedHashMap<>();
        int count = 0;
        for (String role : ROLES) {
            List<String> names = names(fields, role);
            if (!names.isEmpty()) {
                columns.put(role, names);
                count += names.size();
            }
        }
        fields.done();
        columns.getOrDefault("kept", List.of()).forEach(UploadRequest::checkKept);
        Set<String> distinct = new HashSet<>();
        columns.values().forEach(distinct::addAll);
        if (distinct.size() < count) {
            throw Problem.invalid(
                    "columns",
                    "invalid_value",
                    "'columns' gives one column two roles. Name a different column for each role.");
        }
        return columns;
    }

    /** Refuses a name that another field of an exported row has, or another part of a report. */
    private static void checkKept(String column) {
        if (column.equals("group") || column.equals("time") || column.equals("split")) {
            throw Problem.invalid(
                    "columns.kept",
                    "invalid_value",
                    "'kept' names the column '%s'. Give it the role '%s', with which it is kept, too."
                            .formatted(column, column));
        }
        if (ROLES.contains(column) || OF_REPORTS.contains(column)) {
            throw Problem.invalid(
                    "columns.kept",
                    "invalid_value",
                    "'kept' names the column '%s', which is the name of a field of all rows. Rename the column in the file."
                            .formatted(column));
        }
    }

    /** Returns the name or the names of a role's columns, none if the role is not given. */
    private static List<String> names(JsonFields fields, String role) {
        JsonNode value = fields.get(role);
        if (value != null && value.isArray() && JOINED.contains(role)) {
            List<String> names = fields.list(role, 1000, 1000);
            return names == null ? List.of() : names;
        }
        if (value != null && value.isArray() && role.equals("kept")) {
            List<String> names = fields.list(role, MAX_KEPT, 1000);
            return names == null ? List.of() : names;
        }
        String name = fields.string(role, 1000);
        return name == null ? List.of() : List.of(name);
    }

    /** Reads a list of names, or an object of numbers and their names. */
    private static Map<String, String> labelNames(@Nullable String json) {
        if (json == null || json.isBlank()) {
            return Map.of();
        }
        JsonNode node = json(json, "label_names");
        Map<String, String> names = new LinkedHashMap<>();
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                names.put(String.valueOf(i), node.get(i).asString(""));
            }
        } else {
            node.properties()
                    .forEach(entry -> names.put(entry.getKey(), entry.getValue().asString("")));
        }
        boolean areNames = names.values().stream()
                .allMatch(name -> !name.isBlank() && name.length() <= MAX_LABEL && name.indexOf('\0') < 0);
        if (names.isEmpty() || names.size() > MAX_NAMES || !areNames) {
            throw Problem.invalid(
                    "label_names",
                    "invalid_value",
                    "'label_names' must be a list of names such as [\"negative\", \"positive\"], or an object such as"
                            + " {\"0\": \"negative\", \"1\": \"positive\"}, with names of 1 to %d characters."
                                    .formatted(MAX_LABEL));
        }
        JsonFields form = new JsonFields(Json.MAPPER.createObjectNode());
        if (!names.values().stream().allMatch(name -> form.requireWhole("label_names", name))) {
            form.done();
        }
        if (Set.copyOf(names.values()).size() < names.size()) {
            throw Problem.invalid(
                    "label_names",
                    "invalid_value",
                    "'label_names' contains a name twice. Give each label another name.");
        }
        return names;
    }

    private static Map<String, String> fileLabels(@Nullable String json) {
        if (json == null || json.isBlank()) {
            return Map.of();
        }
        JsonFields form = new JsonFields(Json.MAPPER.createObjectNode().set("file_labels", json(json, "file_labels")));
        Map<String, String> labels = form.strings("file_labels", MAX_NAMES, 1000, MAX_LABEL);
        form.done();
        return labels;
    }

    private static JsonNode json(String json, String part) {
        try {
            return Json.STRICT.readTree(json);
        } catch (JacksonException e) {
            throw Problem.invalid(part, "malformed_json", "'" + part + "' is not valid JSON: " + Json.reason(e) + ".");
        }
    }

    /** Parses a form field that holds a JSON object. */
    public static JsonFields parse(String part, String json) {
        return new JsonFields(Json.MAPPER.createObjectNode().set(part, json(json, part))).object(part);
    }
}
