package dev.anneal.dataset.file;

import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.util.List;
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

    private final RowValues values;
    private final int maxText;

    Conversation(RowValues values, int maxText) {
        this.values = values;
        this.maxText = maxText;
    }

    /** Returns the messages with only their roles and contents, up to the first bad one. */
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
        for (int i = 0; i < given.size(); i++) {
            ObjectNode message = message(i + 1, given.get(i), before);
            if (message == null) {
                return messages;
            }
            messages.add(message);
            before = message.get("role").stringValue();
            hasAnswer |= before.equals("assistant");
        }
        if (!hasAnswer) {
            bad("no_assistant_message", "The row has no assistant message, so there is no answer to learn. Add one.");
        }
        return messages;
    }

    /** Returns the message, or records a problem and returns null. */
    private @Nullable ObjectNode message(int number, JsonNode given, String before) {
        JsonNode role = given.path("role");
        JsonNode content = given.path("content");
        if (!role.isString() || !content.isString()) {
            bad(
                    "invalid_message",
                    "Message %d does not have the form {\"role\": \"user\", \"content\": \"…\"} with two strings."
                            .formatted(number));
            return null;
        }
        String name = role.stringValue();
        String text = content.stringValue();
        if (!ROLES.contains(name)) {
            bad(
                    "unknown_role",
                    "Message %d has the unknown role '%s'. Roles are %s."
                            .formatted(number, Problem.quote(name), String.join(", ", ROLES)));
        } else if (!given.path("tool_calls").isMissingNode()
                && !given.path("tool_calls").isNull()) {
            bad(
                    "unsupported_tool_calls",
                    "Message %d has 'tool_calls', which training does not support. Write the call into its content."
                            .formatted(number));
        } else if (text.isBlank() && (name.equals("user") || name.equals("assistant"))) {
            bad("empty_content", "Message %d (%s) is empty.".formatted(number, name));
        } else if (!follows(name, before)) {
            bad("unexpected_role", order(number, name, before));
        } else if (values.checkCharacters("messages", "content", text, maxText)) {
            return Json.MAPPER.createObjectNode().put("role", name).put("content", text);
        }
        return null;
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
