package dev.anneal.dataset.file;

import dev.anneal.dataset.format.RawRow;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns raw rows into checked ones, or records their problems. */
final class RowChecker {

    private static final int MAX_TOKEN = 1_000;
    private static final int MAX_LABEL = 200;
    private static final int MAX_NUMBER = 50;
    private static final int MAX_SPLIT = 20;
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

    private static final Map<String, String> SPLITS = Map.of(
            "train", "train",
            "training", "train",
            "validation", "validation",
            "valid", "validation",
            "val", "validation",
            "dev", "validation",
            "test", "test");

    private final Map<String, String> roles;
    private final int maxText;
    private final RowProblems problems;
    private final boolean delimited;

    RowChecker(Map<String, String> roles, int maxText, RowProblems problems, boolean delimited) {
        this.roles = roles;
        this.maxText = maxText;
        this.problems = problems;
        this.delimited = delimited;
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
        ObjectNode content = Json.MAPPER.createObjectNode();
        for (String role : TEXTS) {
            if (roles.containsKey(role)) {
                content.put(role, values.text(role, maxText));
            }
        }
        String label = roles.containsKey("label") ? values.text("label", MAX_LABEL) : null;
        if (roles.containsKey("labels")) {
            content.set("labels", values.labels(MAX_LABEL, delimited));
        }
        if (roles.containsKey("score")) {
            content.put("score", values.number("score", MAX_NUMBER));
        }
        if (roles.containsKey("tokens")) {
            content.set("tokens", values.strings("tokens", MAX_TOKEN));
            content.set("tags", values.tags(MAX_LABEL, content.path("tokens").size()));
        }
        if (roles.containsKey("messages") || roles.containsKey("completion")) {
            refuseMeaningful(raw);
        }
        if (roles.containsKey("messages")) {
            content.set("messages", new Conversation(values, maxText).messages());
        }
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
            label = label.strip();
            content.put("label", label);
        }
        return new Row(
                number,
                raw.line(),
                split == null ? null : SPLITS.get(split.toLowerCase()),
                label,
                content,
                raw.values());
    }

    /** Refuses a key that changes the meaning of the row elsewhere: without it, the model would learn something else. */
    private void refuseMeaningful(RawRow raw) {
        MEANINGFUL.stream()
                .filter(key -> !roles.containsValue(key))
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
