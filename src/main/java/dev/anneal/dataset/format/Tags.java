package dev.anneal.dataset.format;

import dev.anneal.web.Problem;
import org.jspecify.annotations.Nullable;

/** The tags of tokens: {@code O}, {@code B-x} and {@code I-x}. Tags of BIOES and BILOU are converted into these. */
public final class Tags {
    private Tags() {}

    /** Returns the tag as {@code O}, {@code B-x} or {@code I-x}, or null if it is not a tag. */
    public static @Nullable String normalize(String tag) {
        if (tag.equals("O")) {
            return tag;
        }
        if (tag.length() < 3 || tag.charAt(1) != '-' || tag.substring(2).isBlank()) {
            return null;
        }
        return switch (tag.charAt(0)) {
            case 'B', 'I' -> tag;
            case 'S', 'U' -> "B" + tag.substring(1);
            case 'E', 'L' -> "I" + tag.substring(1);
            default -> null;
        };
    }

    /** Returns the message for text that is not a tag. */
    public static String unknownTag(String tag) {
        return "'" + Problem.quote(tag)
                + "' is not a tag. Tags are O, B-x for the first token of an entity of type x, and I-x for its other"
                + " tokens.";
    }

    /** Returns the entity type, such as PER for B-PER and I-PER, or O. */
    public static String type(String tag) {
        return tag.length() > 2 ? tag.substring(2) : tag;
    }
}
