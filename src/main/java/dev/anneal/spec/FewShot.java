package dev.anneal.spec;

/**
 * The bounds of the method {@code few_shot}, after SetFit (<a href="https://arxiv.org/abs/2209.11055">Tunstall et al., 2022</a>): a model
 * first learns which pairs of texts have the same label, and then the labels.
 */
public final class FewShot {
    public static final String METHOD = "few_shot";

    /** The number of pairs of each row with rows of the same label, and of those with rows of other labels. */
    public static final int ROUNDS = 20;

    /** A row needs another one with the same label. */
    public static final int FEWEST_ROWS_OF_LABEL = 2;

    /** The most training rows; with more, the usual training is better and faster. */
    public static final int MOST_ROWS = 10_000;

    /** The most labels, because the last layer is fitted in memory. */
    public static final int MOST_LABELS = 1_000;

    private FewShot() {}

    /** Returns the number of pairs of so many rows. */
    public static long pairs(long rows) {
        return 2 * ROUNDS * rows;
    }
}
