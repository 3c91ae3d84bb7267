package dev.anneal.dataset.check;

import dev.anneal.dataset.duplicate.Folding;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The texts of a row's content, and what the row says about them. */
public final class RowTexts {
    static final List<String> ROLES = List.of("text", "text_pair", "prompt", "completion");

    /** Ends a text: a control character that {@link Folding} keeps, unlike white space. */
    private static final char END = '\u007f';

    private RowTexts() {}

    /** Returns all texts of a row as one, such that rows with other texts have another one. */
    public static String of(ObjectNode content) {
        JsonNode text = content.get("text");
        if (text != null && !content.has("text_pair")) {
            return text.asString("");
        }
        StringBuilder all = new StringBuilder();
        for (String role : ROLES) {
            if (content.has(role)) {
                all.append(content.get(role).asString("").strip()).append(END);
            }
        }
        for (JsonNode token : content.path("tokens")) {
            all.append(token.asString("")).append(' ');
        }
        for (JsonNode message : content.path("messages")) {
            all.append(message.path("role").asString(""))
                    .append(END)
                    .append(message.path("content").asString("").strip())
                    .append(END);
        }
        return all.toString();
    }

    /** Returns the texts of a row as a search sees them: each token is a word, and the roles of messages are no texts. */
    public static List<String> parts(ObjectNode content) {
        List<String> parts = new ArrayList<>();
        for (String role : ROLES) {
            if (content.has(role)) {
                parts.add(content.get(role).asString(""));
            }
        }
        if (content.has("tokens")) {
            parts.add(
                    content.get("tokens").valueStream().map(JsonNode::asString).collect(Collectors.joining(" ")));
        }
        for (JsonNode message : content.path("messages")) {
            parts.add(message.path("content").asString(""));
        }
        return parts;
    }

    /** Returns the label, the sorted labels, the score or the tags of a row as text, or null if it has none. */
    public static @Nullable String label(ObjectNode content) {
        if (content.has("label")) {
            return content.get("label").asString("");
        }
        if (content.has("labels")) {
            return content.get("labels")
                    .valueStream()
                    .map(JsonNode::asString)
                    .sorted()
                    .collect(Collectors.joining("\1"));
        }
        JsonNode other = content.has("score") ? content.get("score") : content.get("tags");
        return other == null ? null : other.toString();
    }
}
