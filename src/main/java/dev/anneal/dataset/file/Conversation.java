package dev.anneal.dataset.file;

import dev.anneal.json.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages of a row, in an order that chat templates take: perhaps one of the system, then one of the user, and never two
 * of the user or two of the assistant in a row; what a tool says follows the assistant or another tool.
 */
final class Conversation {
    private static final List<String> ROLES = List.of("system", "user", "assistant", "tool");

    private final RowValues values;
    private final int maxText;

    Conversation(RowValues values, int maxText) {
        this.values = values;
        this.maxText = maxText;
    }

    /** The messages with their roles and contents alone, as far as they are good. */
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
        boolean answered = false;
        for (int i = 0; i < given.size(); i++) {
            ObjectNode message = message(i + 1, given.get(i), before);
            if (message == null) {
                return messages;
            }
            messages.add(message);
            before = message.get("role").stringValue();
            answered |= before.equals("assistant");
        }
        if (!answered) {
            bad("no_assistant_message", "No message is of the assistant, so there is no answer to learn.");
        }
        return messages;
    }

    /** The message, or null where it is bad. */
    private ObjectNode message(int number, JsonNode given, String before) {
        JsonNode role = given.path("role");
        JsonNode content = given.path("content");
        if (!role.isString() || !content.isString()) {
            bad(
                    "invalid_message",
                    "Message %d is not of the form {\"role\": \"user\", \"content\": \"…\"}, both of them strings."
                            .formatted(number));
            return null;
        }
        String who = role.stringValue();
        String text = content.stringValue();
        if (!ROLES.contains(who)) {
            bad(
                    "unknown_role",
                    "Message %d has the role '%s'; roles are %s."
                            .formatted(
                                    number, who.substring(0, Math.min(100, who.length())), String.join(", ", ROLES)));
        } else if (!given.path("tool_calls").isMissingNode()
                && !given.path("tool_calls").isNull()) {
            bad(
                    "unsupported_tool_calls",
                    "Message %d has 'tool_calls', which cannot be learned; write the call into its content."
                            .formatted(number));
        } else if (text.isBlank() && (who.equals("user") || who.equals("assistant"))) {
            bad("empty_content", "Message %d, of the %s, is empty.".formatted(number, who));
        } else if (!follows(who, before)) {
            bad("unexpected_role", order(number, who, before));
        } else if (values.checkCharacters("messages", "content", text, maxText)) {
            return Json.MAPPER.createObjectNode().put("role", who).put("content", text);
        }
        return null;
    }

    private static boolean follows(String who, String before) {
        return switch (who) {
            case "system" -> before.isEmpty();
            case "user" -> !before.equals("user");
            case "assistant" -> before.equals("user") || before.equals("tool");
            default -> before.equals("assistant") || before.equals("tool");
        };
    }

    private static String order(int number, String who, String before) {
        return switch (who) {
            case "system" -> "Message %d is of the system, which may only come first.".formatted(number);
            case "user" -> "Message %d is of the user, as the one before; join them.".formatted(number);
            case "assistant" ->
                before.equals("assistant")
                        ? "Message %d is of the assistant, as the one before; join them.".formatted(number)
                        : "Message %d is of the assistant, before any of the user.".formatted(number);
            default -> "Message %d is of a tool, but the one before is not of the assistant.".formatted(number);
        };
    }

    private void bad(String code, String message) {
        values.bad("messages", code, message);
    }
}
