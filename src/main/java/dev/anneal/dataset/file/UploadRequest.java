package dev.anneal.dataset.file;

import dev.anneal.json.Json;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MultipartFile;
import tools.jackson.core.JacksonException;

/** The checked form fields of an upload. The task and the split are null if they are not given. */
public record UploadRequest(
        String name,
        @Nullable DatasetTask task,
        String fileName,
        Map<String, String> columns,
        @Nullable SplitOptions split) {
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
            "split");

    /** Returns what to do about form fields that have the name of a role or of another API's field. */
    public static Map<String, String> hints() {
        Map<String, String> hints = new LinkedHashMap<>();
        for (String role : ROLES) {
            hints.put(role, "Name the column in 'columns', for example columns={\"%s\": \"COLUMN\"}.".formatted(role));
        }
        for (String share : List.of("validation", "test", "seed", "order")) {
            hints.put(share, "Send it in 'split', for example split={\"validation\": 0.1, \"seed\": 7}.");
        }
        hints.put("purpose", "Leave it out. A job names its dataset.");
        return hints;
    }

    public static UploadRequest of(
            MultipartFile file,
            @Nullable String name,
            @Nullable String task,
            @Nullable String columns,
            @Nullable String split) {
        String fileName = file.getOriginalFilename() == null ? "" : file.getOriginalFilename();
        String shown = name == null || name.isBlank() ? (fileName.isBlank() ? "dataset" : fileName) : name;
        JsonFields fields =
                new JsonFields(Json.MAPPER.createObjectNode().put("name", shown).put("task", task));
        fields.name("name");
        String known = fields.choice("task", DatasetTask.NAMES);
        fields.done();
        return new UploadRequest(
                shown,
                known == null ? null : DatasetTask.of(known),
                fileName,
                columns(columns),
                SplitOptions.parse(split));
    }

    private static Map<String, String> columns(@Nullable String json) {
        if (json == null || json.isBlank()) {
            return Map.of();
        }
        JsonFields fields = parse("columns", json);
        for (String role : ROLES) {
            fields.get(role);
        }
        fields.refuseUnknown();
        Map<String, String> columns = new LinkedHashMap<>();
        for (String role : ROLES) {
            String column = fields.string(role, 1000);
            if (column != null) {
                columns.put(role, column);
            }
        }
        fields.done();
        if (Set.copyOf(columns.values()).size() < columns.size()) {
            throw Problem.invalid(
                    "columns",
                    "invalid_value",
                    "'columns' gives one column two roles. Name a different column for each role.");
        }
        return columns;
    }

    static JsonFields parse(String part, String json) {
        try {
            return new JsonFields(Json.MAPPER.createObjectNode().set(part, Json.STRICT.readTree(json))).object(part);
        } catch (JacksonException e) {
            throw Problem.invalid(part, "malformed_json", "'" + part + "' is not valid JSON: " + Json.reason(e) + ".");
        }
    }
}
