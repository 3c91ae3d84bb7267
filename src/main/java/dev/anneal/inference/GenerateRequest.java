package dev.anneal.inference;

import dev.anneal.host.message.GenerateMessage;
import dev.anneal.inference.TextChecks.Limit;
import dev.anneal.text.Suggest;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A request to generate text, and whether to stream it. */
record GenerateRequest(GenerateMessage message, boolean stream) {
    private static final int DEFAULT_TOKENS = 128;
    private static final int MAX_MESSAGES = 1000;
    private static final int MAX_STOPS = 4;
    private static final int MAX_STOP_LENGTH = 200;
    private static final int MAX_TOP_K = 1_000_000;
    private static final int MAX_LOGPROBS = 20;
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "top_logprobs", "logprobs",
            "input", "prompt",
            "inputs", "prompt",
            "text", "prompt",
            "max_tokens", "max_new_tokens",
            "max_completion_tokens", "max_new_tokens",
            "max_length", "max_new_tokens",
            "stop_sequences", "stop",
            "random_seed", "seed");
    private static final List<String> ROLES = List.of("system", "user", "assistant", "tool");
    /** The names of these roles in other APIs and in datasets. */
    private static final Map<String, String> OTHER_ROLES = Map.of(
            "human", "user",
            "gpt", "assistant",
            "ai", "assistant",
            "bot", "assistant",
            "model", "assistant",
            "developer", "system",
            "function", "tool");

    static GenerateRequest of(JsonNode body, int maxNewTokens, int maxCharacters) {
        JsonFields fields = new JsonFields(body, OTHER_NAMES);
        String prompt = text(fields, "prompt", maxCharacters);
        List<Map<String, Object>> messages = messages(fields, maxCharacters);
        if (fields.has("prompt") == fields.has("messages")) {
            fields.wrong(
                    "prompt",
                    fields.has("prompt") ? "invalid_value" : "required",
                    "Send either 'prompt' or 'messages', not both");
        }
        Integer tokens = tokens(fields, maxNewTokens);
        Double temperature = fields.number("temperature", 0, 2);
        Double topP = fields.number("top_p", 0, 1);
        Integer topK = fields.integer("top_k", 0, MAX_TOP_K);
        List<String> stop = stop(fields);
        Integer seed = fields.integer("seed", 0, Integer.MAX_VALUE);
        Integer logprobs = fields.integer("logprobs", 0, MAX_LOGPROBS);
        boolean stream = Boolean.TRUE.equals(fields.flag("stream"));
        fields.refuseUnknown();
        fields.done();
        GenerateMessage message = new GenerateMessage(
                prompt,
                messages,
                tokens == null ? Math.min(DEFAULT_TOKENS, maxNewTokens) : tokens,
                temperature == null ? 1 : temperature,
                topP == null ? 1 : topP,
                topK == null ? 0 : topK,
                stop,
                seed == null ? ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE) : seed,
                logprobs);
        return new GenerateRequest(message, stream);
    }

    private static @Nullable Integer tokens(JsonFields fields, int max) {
        String field = "max_new_tokens";
        JsonNode given = fields.get(field);
        if (given != null
                && given.isIntegralNumber()
                && given.canConvertToLong()
                && !TextChecks.requireWithin(fields, field, given.longValue(), Limit.NEW_TOKENS, max)) {
            return null;
        }
        return fields.integer(field, 1, max);
    }

    /** Reads a prompt, which may consist of white space. */
    private static @Nullable String text(JsonFields fields, String field, int maxCharacters) {
        JsonNode value = fields.get(field);
        if (value == null) {
            return null;
        }
        String text = value.isString() ? value.stringValue() : null;
        if (text == null) {
            fields.wrong(field, "invalid_type", "must be a string");
        } else {
            TextChecks.requireWithin(fields, field, text.length(), Limit.CHARACTERS, maxCharacters);
            TextChecks.notEmpty(fields, field, text, maxCharacters);
            TextChecks.whole(fields, field, text);
        }
        return text;
    }

    private static @Nullable List<Map<String, Object>> messages(JsonFields fields, int maxCharacters) {
        JsonNode list = fields.get("messages");
        if (list == null) {
            return null;
        }
        List<Map<String, Object>> messages = new ArrayList<>();
        if (!list.isArray() || list.isEmpty()) {
            fields.wrong("messages", "invalid_type", "must be a list with at least one message");
            return messages;
        }
        if (list.size() > MAX_MESSAGES) {
            fields.wrong("messages", "invalid_value", "may have at most " + MAX_MESSAGES + " messages");
            return messages;
        }
        int length = 0;
        for (int i = 0; i < list.size(); i++) {
            String at = "messages[" + i + "]";
            if (!isMessage(fields, at, list.get(i))) {
                return messages;
            }
            String content = list.get(i).path("content").stringValue();
            length += content.length();
            TextChecks.whole(fields, at + ".content", content);
            messages.add(Map.of("role", list.get(i).path("role").stringValue(), "content", content));
        }
        TextChecks.requireWithin(fields, "messages", length, Limit.CHARACTERS, maxCharacters);
        return messages;
    }

    private static boolean isMessage(JsonFields fields, String at, JsonNode message) {
        JsonNode role = message.path("role");
        JsonNode content = message.path("content");
        if (content.isArray()) {
            fields.wrong(at + ".content", "invalid_type", "must be a text. Send the text in place of a list of parts");
        } else if (message.size() != 2 || !content.isString() || !role.isString()) {
            fields.wrong(
                    at,
                    "invalid_value",
                    "must be {\"role\": …, \"content\": …} with two texts, and a role of " + String.join(", ", ROLES));
        } else if (!ROLES.contains(role.stringValue())) {
            String other = OTHER_ROLES.get(role.stringValue());
            fields.wrong(
                    at + ".role",
                    "invalid_value",
                    "is '%s'. Roles: %s.%s"
                            .formatted(
                                    Problem.quote(role.stringValue()),
                                    String.join(", ", ROLES),
                                    other == null ? Suggest.nearest(role.stringValue(), ROLES) : Suggest.name(other)));
        } else {
            return true;
        }
        return false;
    }

    private static List<String> stop(JsonFields fields) {
        JsonNode value = fields.get("stop");
        if (value == null) {
            return List.of();
        }
        List<JsonNode> texts = value.isArray() ? value.valueStream().toList() : List.of(value);
        boolean right = texts.size() <= MAX_STOPS
                && texts.stream()
                        .allMatch(text -> text.isString()
                                && !text.stringValue().isEmpty()
                                && text.stringValue().length() <= MAX_STOP_LENGTH);
        if (!right) {
            fields.wrong(
                    "stop",
                    "invalid_value",
                    "must be a text, or a list of at most " + MAX_STOPS + ", each of 1 to " + MAX_STOP_LENGTH
                            + " characters");
            return List.of();
        }
        List<String> stops = texts.stream().map(JsonNode::stringValue).toList();
        TextChecks.whole(fields, "stop", stops.toArray(String[]::new));
        return stops;
    }
}
