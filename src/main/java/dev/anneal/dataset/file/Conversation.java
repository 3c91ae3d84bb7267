package dev.anneal.dataset.file;

import dev.anneal.json.Json;
import dev.anneal.text.Suggest;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages of a row, in an order that chat templates accept: an optional system message, then a user message. No two user
 * or assistant messages follow each other. A tool message follows an assistant or another tool message.
 */
final class Conversation {
    private static final List<String> ROLES = List.of("system", "user", "assistant", "tool");
    private static final List<String> KEYS = List.of("role", "content", "name", "tool_call_id", "weight");
    private static final List<String> CALLS = List.of("tool_calls", "function_call");
    private static final int MAX_NAME = 200;
    /** The roles of ShareGPT, and ours. */
    private static final Map<String, String> SHARE_GPT = Map.ofEntries(
            Map.entry("human", "user"),
            Map.entry("gpt", "assistant"),
            Map.entry("chatgpt", "assistant"),
            Map.entry("bing", "assistant"),
            Map.entry("bard", "assistant"),
            Map.entry("model", "assistant"),
            Map.entry("bot", "assistant"),
            Map.entry("observation", "tool"),
            Map.entry("function_response", "tool"));

    private final RowValues values;
    private final int maxText;

    Conversation(RowValues values, int maxText) {
        this.values = values;
        this.maxText = maxText;
    }

    /** Returns the messages up to the first bad one. They have a role and a content, and may have a name or a weight. */
    ArrayNode messages() {
        ArrayNode messages = Json.MAPPER.createArrayNode();
        JsonNode given = values.get("messages");
        if (given == null || given.isArray() && given.isEmpty()) {
            bad("empty_messages", "The row has no messages.");
            return messages;
        }
        if (!given.isArray()) {
            bad("invalid_type", "The value is not a list of messages.");
            return messages;
        }
        String before = "";
        boolean hasAnswer = false;
        boolean isLearned = false;
        for (int i = 0; i < given.size(); i++) {
            ObjectNode message = message(i + 1, given.get(i), before);
            if (message == null) {
                return messages;
            }
            messages.add(message);
            before = message.get("role").stringValue();
            hasAnswer |= before.equals("assistant");
            isLearned |= before.equals("assistant") && message.path("weight").asInt(1) != 0;
        }
        if (!hasAnswer) {
            bad("no_assistant_message", "The row has no assistant message, so there is no answer to learn. Add one.");
        } else if (!isLearned) {
            bad(
                    "nothing_to_learn",
                    "All assistant messages of the row have the weight 0, so there is no answer to learn. Remove the row.");
        }
        return messages;
    }

    /** Returns the message, or records a problem and returns null. */
    private @Nullable ObjectNode message(int number, JsonNode sent, String before) {
        JsonNode given = openAi(sent);
        JsonNode role = given.path("role");
        JsonNode content = given.path("content");
        for (String call : CALLS) {
            if (isGiven(given.path(call))) {
                bad(
                        "unsupported_tool_calls",
                        "Message %d has '%s', which training does not support. Write the call into its content."
                                .formatted(number, call));
                return null;
            }
        }
        if (!role.isString() || !content.isString()) {
            bad(
                    "invalid_message",
                    ("Message %d does not have the form {\"role\": \"user\", \"content\": \"…\"} or"
                                    + " {\"from\": \"human\", \"value\": \"…\"} with two strings.")
                            .formatted(number));
            return null;
        }
        String name = role.stringValue();
        String text = content.stringValue();
        if (!ROLES.contains(name)) {
            bad(
                    "unknown_role",
                    "Message %d has the unknown role '%s'. Roles are %s; human and gpt are read as user and assistant."
                            .formatted(number, Problem.quote(name), String.join(", ", ROLES)));
        } else if (text.isBlank() && (name.equals("user") || name.equals("assistant"))) {
            bad("empty_content", "Message %d (%s) is empty.".formatted(number, name));
        } else if (!follows(name, before)) {
            bad("unexpected_role", order(number, name, before));
        } else if (values.checkCharacters("messages", "content", text, maxText)) {
            ObjectNode message =
                    Json.MAPPER.createObjectNode().put("role", name).put("content", text);
            return addOthers(message, number, given) ? message : null;
        }
        return null;
    }

    /** Returns a message of ShareGPT, with from and value, as one with a role and a content. Returns others as they are. */
    private static JsonNode openAi(JsonNode message) {
        if (!message.path("from").isString() || isGiven(message.path("role")) || isGiven(message.path("content"))) {
            return message;
        }
        ObjectNode given = Json.MAPPER.createObjectNode();
        String from = message.path("from").stringValue();
        if (from.equals("function_call")) {
            given.set("function_call", message.path("value"));
        }
        given.put("role", SHARE_GPT.getOrDefault(from, from));
        given.set("content", message.path("value"));
        message.properties().forEach(entry -> {
            if (!List.of("from", "value", "role", "content").contains(entry.getKey())) {
                given.set(entry.getKey(), entry.getValue());
            }
        });
        return given;
    }

    /** Adds the other keys of a message, or records a problem and returns false. */
    private boolean addOthers(ObjectNode message, int number, JsonNode given) {
        for (Map.Entry<String, JsonNode> entry : given.properties()) {
            String key = entry.getKey();
            JsonNode value = entry.getValue();
            if (message.has(key) || !isGiven(value)) {
                continue;
            }
            if (key.equals("weight")) {
                if (!addWeight(message, number, value)) {
                    return false;
                }
            } else if (!KEYS.contains(key)) {
                bad(
                        "unknown_key",
                        "Message %d has the key '%s', which training does not use. Remove it. A message may have %s.%s"
                                .formatted(
                                        number,
                                        Problem.quote(key),
                                        String.join(", ", KEYS),
                                        Suggest.nearest(key, KEYS)));
                return false;
            } else if (!value.isString()) {
                bad("invalid_message", "Message %d has a '%s' that is not a string.".formatted(number, key));
                return false;
            } else if (!values.checkCharacters("messages", key, value.stringValue(), MAX_NAME)) {
                return false;
            } else {
                message.put(key, value.stringValue());
            }
        }
        return true;
    }

    private boolean addWeight(ObjectNode message, int number, JsonNode value) {
        double weight = value.isNumber() ? value.doubleValue() : -1;
        if (!message.path("role").asString("").equals("assistant")) {
            bad(
                    "invalid_weight",
                    "Message %d has a weight but is not an assistant message. Only assistant messages are learned. Remove the weight."
                            .formatted(number));
        } else if (weight != 0 && weight != 1) {
            bad(
                    "invalid_weight",
                    "Message %d has the weight %s. Use 0 for a message that is not learned, or 1."
                            .formatted(number, Problem.quote(value.toString())));
        } else {
            message.put("weight", (int) weight);
            return true;
        }
        return false;
    }

    /** Returns whether a key has a value: files often contain all keys, with null or an empty list for those not in use. */
    static boolean isGiven(JsonNode value) {
        return !value.isMissingNode()
                && !value.isNull()
                && !(value.isContainer() && value.isEmpty())
                && !(value.isString() && value.stringValue().isBlank());
    }

    private static boolean follows(String name, String before) {
        return switch (name) {
            case "system" -> before.isEmpty();
            case "user" -> !before.equals("user");
            case "assistant" -> before.equals("user") || before.equals("tool");
            default -> before.equals("assistant") || before.equals("tool");
        };
    }

    private static String order(int number, String name, String before) {
        return switch (name) {
            case "system" -> "Message %d is a system message. Only the first message may be one.".formatted(number);
            case "user" -> "Message %d is a user message, like the one before. Join them.".formatted(number);
            case "assistant" ->
                before.equals("assistant")
                        ? "Message %d is an assistant message, like the one before. Join them.".formatted(number)
                        : "Message %d is an assistant message, but no user message comes before it.".formatted(number);
            default ->
                "Message %d is a tool message, but it does not follow an assistant or tool message.".formatted(number);
        };
    }

    private void bad(String code, String message) {
        values.bad("messages", code, message);
    }
}
