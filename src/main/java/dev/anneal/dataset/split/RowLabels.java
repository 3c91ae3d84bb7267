package dev.anneal.dataset.split;

import dev.anneal.dataset.format.Tags;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The labels of a row, for which its dataset has training rows. */
public final class RowLabels {
    private RowLabels() {}

    /** Returns whether a row can have several labels. */
    static boolean areSeveral(ObjectNode content) {
        return content.has("labels") || content.has("tags");
    }

    /** Returns the label, the labels, or the types of the entities. */
    static Collection<String> all(ObjectNode content) {
        if (content.has("label")) {
            return List.of(content.get("label").asString());
        }
        Set<String> names = new LinkedHashSet<>();
        content.path("labels").forEach(label -> names.add(label.asString()));
        for (JsonNode tag : content.path("tags")) {
            String type = Tags.type(tag.asString());
            if (!type.equals("O")) {
                names.add(type);
            }
        }
        return new ArrayList<>(names);
    }

    /** Returns the label, or the first one of several. It is empty if there is none. */
    public static String first(ObjectNode content) {
        return content.has("label")
                ? content.get("label").asString()
                : content.path("labels").path(0).asString("");
    }
}
