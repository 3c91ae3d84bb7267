package dev.anneal.inference;

import dev.anneal.host.message.GenerateMessage;
import dev.anneal.web.JsonFields;
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
        Integer tokens = fields.integer("max_new_tokens", 1, maxNewTokens);
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

    /** Reads a prompt, which may consist of white space. */
    private static @Nullable String text(JsonFields fields, String field, int maxCharacters) {
        JsonNode value = fields.get(field);
        if (value == null) {
            return null;
        }
        String text = value.isString() ? value.stringValue() : null;
        if (text == null) {
            fields.wrong(field, "invalid_type", "must be a string");
        } else if (text.isEmpty() || text.length() > maxCharacters) {
            fields.wrong(field, "invalid_value", "must have 1 to " + maxCharacters + " characters");
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
            JsonNode role = list.get(i).path("role");
            JsonNode content = list.get(i).path("content");
            if (list.get(i).size() != 2 || !content.isString() || !ROLES.contains(role.asString(""))) {
                fields.wrong(
                        "messages[" + i + "]",
                        "invalid_value",
                        "must be {\"role\": …, \"content\": …} with a role of " + String.join(", ", ROLES));
                return messages;
            }
            length += content.stringValue().length();
            messages.add(Map.of("role", role.stringValue(), "content", content.stringValue()));
        }
        if (length > maxCharacters) {
            fields.wrong("messages", "invalid_value", "may have at most " + maxCharacters + " characters in total");
        }
        return messages;
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
        return texts.stream().map(JsonNode::stringValue).toList();
    }
}
