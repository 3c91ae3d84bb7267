package dev.anneal.model.source;

/** The kinds of repositories of a hub. */
public enum HubKind {
    MODEL("model", "models", "", "model_too_large"),
    DATASET("dataset", "datasets", "datasets/", "source_too_large");

    private final String title;
    private final String plural;
    private final String path;
    private final String tooLarge;

    HubKind(String title, String plural, String path, String tooLarge) {
        this.title = title;
        this.plural = plural;
        this.path = path;
        this.tooLarge = tooLarge;
    }

    String title() {
        return title;
    }

    /** Returns the part of the API's paths that names the kind. */
    String plural() {
        return plural;
    }

    /** Returns what comes before the name of a repository in the paths of its files. */
    String path() {
        return path;
    }

    /** Returns the code of a failure because of the size of the files. */
    String tooLarge() {
        return tooLarge;
    }
}
