package dev.anneal.spec;

/** Rows of another dataset that are mixed into the training rows, of which they are this share. */
public record Replay(String dataset, double share) {
    /** Returns how many rows are added to those of the job, if the dataset has so many. */
    public long rows(long trained) {
        return Math.max(1, Math.round(trained * share / (1 - share)));
    }
}
