package dev.anneal.dataset.file;

/** Tags of tokens: {@code O}, {@code B-x} and {@code I-x}; those of BIOES and BILOU are turned into these. */
public final class Tags {
    private Tags() {}

    /** The tag as it is kept, or null where it is none. */
    static String normal(String tag) {
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

    static String unknown(String tag) {
        String shown = tag.length() > 100 ? tag.substring(0, 100) + "…" : tag;
        return "'" + shown
                + "' is no tag; tags are O, B-x for the first token of an entity of kind x, and I-x within it.";
    }

    /** PER for B-PER and I-PER; O for itself. */
    public static String kind(String tag) {
        return tag.length() > 2 ? tag.substring(2) : tag;
    }
}
