package dev.anneal.dataset.file;

import dev.anneal.dataset.format.FileFormat;
import dev.anneal.dataset.format.RawRow;
import dev.anneal.dataset.format.ZipContents;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns raw rows into checked ones, or records their problems. */
final class RowChecker {

    private static final int MAX_TOKEN = 1_000;
    private static final int MAX_LABEL = 200;
    /** The most characters of a number. */
    static final int MAX_NUMBER = 50;

    private static final int MAX_SPLIT = 20;
    private static final int MAX_GROUP = 1_000;
    private static final int MAX_TIME = 100;
    private static final List<String> TEXTS = List.of("text", "text_pair", "prompt", "completion");
    /** Keys with which other trainers change what a prompt or a conversation means. */
    private static final List<String> MEANINGFUL = List.of(
            "tools",
            "functions",
            "tool_calls",
            "function_call",
            "parallel_tool_calls",
            "weight",
            "system",
            "history",
            "documents",
            "images",
            "audios",
            "videos",
            "chat_template_kwargs");

    private static final Map<String, String> SPLITS = ZipContents.SPLITS;

    private final Map<String, List<String>> roles;
    private final int maxText;
    private final RowProblems problems;
    private final boolean cells;
    private final LabelOptions labels;
    private boolean saidListLabel;
    private boolean saidQuoted;

    /**
     * @param format of the file, which tells how values are written
     */
    RowChecker(
            Map<String, List<String>> roles,
            int maxText,
            RowProblems problems,
            FileFormat format,
            LabelOptions labels) {
        this.roles = roles;
        this.maxText = maxText;
        this.problems = problems;
        this.cells = format.hasCells();
        this.saidQuoted = format != FileFormat.tsv;
        this.labels = labels;
    }

    /** Returns the checked row, or records its problems and returns null. */
    @Nullable
    Row check(long number, RawRow raw) {
        long before = problems.count();
        if (raw.fault() != null) {
            problems.add(raw.line(), raw.fault());
            return null;
        }
        RowValues values = new RowValues(raw, roles, problems);
        LabelValues labelled = new LabelValues(values, labels);
        ObjectNode content = Json.MAPPER.createObjectNode();
        for (String role : TEXTS) {
            if (roles.containsKey(role)) {
                content.put(role, values.text(role, maxText));
            }
        }
        String label = roles.containsKey("label") ? labelled.label(MAX_LABEL) : null;
        if (roles.containsKey("labels")) {
            content.set("labels", labelled.labels(MAX_LABEL, cells));
        }
        if (roles.containsKey("score")) {
            content.put("score", values.number("score", MAX_NUMBER));
        }
        if (roles.containsKey("tokens")) {
            content.set("tokens", values.strings("tokens", MAX_TOKEN));
            content.set("tags", values.tags(MAX_LABEL, content.path("tokens").size(), labelled));
        }
        if (roles.containsKey("messages") || roles.containsKey("completion")) {
            refuseMeaningful(raw);
        }
        if (roles.containsKey("messages")) {
            content.set("messages", new Conversation(values, maxText).messages());
        }
        String group = roles.containsKey("group") ? values.text("group", MAX_GROUP) : null;
        ObjectNode kept = roles.containsKey("kept") ? values.kept(MAX_GROUP) : null;
        String time = roles.containsKey("time") ? time(values) : null;
        String split = roles.containsKey("split") ? values.text("split", MAX_SPLIT) : null;
        if (split != null && problems.count() == before && !SPLITS.containsKey(split.toLowerCase())) {
            values.bad(
                    "split",
                    "unknown_split",
                    "'" + Problem.quote(split) + "' is not a split. Use train, validation or test.");
        }
        if (problems.count() > before) {
            return null;
        }
        if (label != null) {
            content.put("label", label);
            if (LabelValues.list(label) != null) {
                warnOfList(raw, "label", label, "If rows have several labels, give the column the role 'labels'.");
            }
        }
        if (cells && labels.separator() == null && content.path("labels").size() == 1) {
            warnOfSeparator(raw, content.get("labels").get(0).asString());
        }
        warnOfQuotes(raw);
        if (group != null) {
            content.put("group", group.strip());
        }
        if (kept != null) {
            content.set("kept", kept);
        }
        if (time != null) {
            content.put("time", time);
        }
        return new Row(
                number,
                problems.file(),
                raw.line(),
                problems.element(),
                split == null ? null : SPLITS.get(split.toLowerCase()),
                label,
                content,
                raw.values());
    }

    /** Returns the time in UTC, or records a problem and returns null. */
    private @Nullable String time(RowValues values) {
        String given = values.text("time", MAX_TIME);
        String time = given == null ? null : Times.read(given, cells);
        if (given != null && time == null) {
            values.bad(
                    "time",
                    "invalid_time",
                    "'%s' is not a time that can be read in only one way. Write 2024-05-31 or 2024-05-31T09:30:00Z."
                            .formatted(Problem.quote(given)));
        }
        return time;
    }

    /** Warns of labels that | does not separate, but something else. */
    private void warnOfSeparator(RawRow raw, String label) {
        if (!saidListLabel && roles.getOrDefault("labels", List.of()).size() == 1) {
            Stream.of(";", ",")
                    .filter(label::contains)
                    .findFirst()
                    .ifPresent(separator -> warnOfList(
                            raw, "labels", label, "If it is one, set 'label_separator' to '%s'.".formatted(separator)));
        }
    }

    private void warnOfList(RawRow raw, String role, String label, String todo) {
        if (!saidListLabel) {
            saidListLabel = true;
            problems.warn(
                    raw.line(),
                    String.join(", ", roles.getOrDefault(role, List.of())),
                    "label_is_list",
                    "The label looks like a list: '%s'. %s This warning is about the first such row."
                            .formatted(Problem.quote(label), todo));
        }
    }

    /** Warns of a value as CSV writes it. In TSV, its quotation marks are part of the text. */
    private void warnOfQuotes(RawRow raw) {
        if (saidQuoted) {
            return;
        }
        for (List<String> columns : roles.values()) {
            for (String column : columns) {
                JsonNode value = raw.values().get(column);
                if (value != null && isQuoted(value.asString(""))) {
                    saidQuoted = true;
                    problems.warn(
                            raw.line(),
                            column,
                            "quoted_field",
                            "The value has quotation marks around it and doubled ones in it, as in CSV. In TSV they are part of the text. If that is wrong, set 'format' to csv and 'delimiter' to tab. This warning is about the first such row.");
                    return;
                }
            }
        }
    }

    private static boolean isQuoted(String value) {
        if (value.length() < 4 || !value.startsWith("\"") || !value.endsWith("\"")) {
            return false;
        }
        String inside = value.substring(1, value.length() - 1);
        return inside.contains("\"\"") && !inside.replace("\"\"", "").contains("\"");
    }

    /** Refuses a key that changes the meaning of the row elsewhere: without it, the model would learn something else. */
    private void refuseMeaningful(RawRow raw) {
        MEANINGFUL.stream()
                .filter(key -> roles.values().stream().noneMatch(columns -> columns.contains(key)))
                .filter(key -> Conversation.isGiven(raw.values().getOrDefault(key, NullNode.getInstance())))
                .findFirst()
                .ifPresent(key -> problems.add(
                        raw.line(),
                        key,
                        "unsupported_key",
                        "The row has '%s', which training does not support. Write it into the %s, or remove it."
                                .formatted(key, roles.containsKey("messages") ? "messages" : "prompt")));
    }
}
