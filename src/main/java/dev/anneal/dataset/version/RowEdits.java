package dev.anneal.dataset.version;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.format.Tags;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Changes of a single row. */
final class RowEdits {
    private static final List<String> TEXTS = List.of("text", "text_pair", "prompt", "completion");

    /** A change of a label. */
    interface LabelChange {
        /** Returns the new label, or null if it is removed. */
        @Nullable
        String apply(String label);
    }

    private RowEdits() {}

    /** Changes all texts of a row. Returns null if a text is blank then. */
    static @Nullable Row texts(Row row, UnaryOperator<String> change) {
        ObjectNode content = row.content();
        for (String role : TEXTS) {
            if (content.has(role) && !change(content, role, change)) {
                return null;
            }
        }
        ArrayNode tokens = content.withArray("tokens");
        for (int i = 0; i < tokens.size(); i++) {
            String changed = change.apply(tokens.get(i).asString());
            if (changed.isBlank()) {
                return null;
            }
            tokens.set(i, changed);
        }
        if (tokens.isEmpty()) {
            content.remove("tokens");
        }
        for (JsonNode message : content.path("messages")) {
            boolean isText =
                    message instanceof ObjectNode && message.path("content").isString();
            boolean wasBlank = message.path("content").asString("").isBlank();
            if (isText && !change((ObjectNode) message, "content", change) && !wasBlank) {
                return null;
            }
        }
        return row;
    }

    private static boolean change(ObjectNode object, String field, UnaryOperator<String> change) {
        String changed = change.apply(object.get(field).asString());
        object.put(field, changed);
        return !changed.isBlank();
    }

    /** Replaces the labels, or the entity types, of a row. Returns null if its only label is removed. */
    static @Nullable Row labels(Row row, LabelChange change) {
        ObjectNode content = row.content();
        if (content.has("label")) {
            String label = change.apply(content.get("label").asString());
            if (label == null) {
                return null;
            }
            content.put("label", label);
            return new Row(row.number(), row.file(), row.line(), row.split(), label, content, row.values());
        }
        if (content.get("labels") instanceof ArrayNode labels) {
            Set<String> changed = new LinkedHashSet<>();
            for (JsonNode label : labels) {
                String name = change.apply(label.asString());
                if (name != null) {
                    changed.add(name);
                }
            }
            labels.removeAll();
            changed.forEach(labels::add);
        }
        if (content.get("tags") instanceof ArrayNode tags) {
            changeTypes(tags, change);
        }
        return row;
    }

    /** Changes the types of entities. Where I-x begins an entity because another type comes before it, it still does afterwards. */
    private static void changeTypes(ArrayNode tags, LabelChange change) {
        String before = "O";
        String changedBefore = "O";
        for (int i = 0; i < tags.size(); i++) {
            String tag = tags.get(i).asString();
            String changed = tag;
            if (tag.length() > 2) {
                String type = change.apply(Tags.type(tag));
                boolean begins = !Tags.type(before).equals(Tags.type(tag));
                boolean touches = begins && Tags.type(changedBefore).equals(type);
                changed = type == null ? "O" : (touches ? "B-" : tag.substring(0, 2)) + type;
            }
            tags.set(i, changed);
            before = tag;
            changedBefore = changed;
        }
    }
}
