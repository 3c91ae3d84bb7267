package dev.anneal.model.source;

import org.jspecify.annotations.Nullable;

/** A repository of a Hugging Face hub at a revision, which is a branch, a tag or a commit. */
public record HubSource(HubKind kind, String repository, String revision) {
    public static final String PREFIX = "hf:";
    private static final String SEGMENT = "[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?";

    /** Creates the source of a model. */
    public HubSource(String repository, String revision) {
        this(HubKind.MODEL, repository, revision);
    }

    /** Returns the source of a model, or null if the text is none. */
    public static @Nullable HubSource parse(String source, String revision) {
        return parse(HubKind.MODEL, source, revision);
    }

    /** Returns null if the text is not such a source. */
    public static @Nullable HubSource parse(HubKind kind, String source, String revision) {
        String repository = source.startsWith(PREFIX) ? source.substring(PREFIX.length()) : "";
        boolean good = repository.matches("(?:" + SEGMENT + "/)?" + SEGMENT)
                && !repository.contains("..")
                && !repository.contains("--");
        return good ? new HubSource(kind, repository, revision) : null;
    }

    public static boolean isRevision(String text) {
        return text.matches("[A-Za-z0-9][A-Za-z0-9._/-]{0,199}") && !text.contains("..") && !text.contains("//");
    }

    @Override
    public String toString() {
        return PREFIX + repository;
    }
}
