package dev.anneal.evaluation.entity;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entities that a sentence's tags (B-x, I-x, O) mean, as <a href="https://github.com/chakki-works/seqeval">seqeval</a>
 * reads them in its default mode: an I- that follows nothing of its type begins an entity, too.
 */
public final class Entities {
    /** Words from one to another, both counted from 0 and {@code to} exclusive, of a type. */
    public record Entity(String type, int from, int to) {}

    private Entities() {}

    public static List<Entity> of(List<String> tags) {
        List<Entity> entities = new ArrayList<>();
        @Nullable String open = null;
        int start = 0;
        for (int i = 0; i <= tags.size(); i++) {
            String tag = i < tags.size() ? tags.get(i) : "O";
            String type = type(tag);
            boolean continues = open != null && tag.startsWith("I-") && open.equals(type);
            if (!continues) {
                if (open != null) {
                    entities.add(new Entity(open, start, i));
                }
                open = type;
                start = i;
            }
        }
        return entities;
    }

    private static @Nullable String type(String tag) {
        return tag.startsWith("B-") || tag.startsWith("I-") ? tag.substring(2) : null;
    }
}
