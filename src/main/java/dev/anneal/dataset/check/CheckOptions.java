package dev.anneal.dataset.check;

/**
 * The choices of a check.
 *
 * @param nearDuplicates whether texts that are almost the same are searched
 * @param similarity the Jaccard similarity of their shingles from which two texts count as almost the same
 */
public record CheckOptions(boolean nearDuplicates, double similarity) {
    public static final double LEAST_SIMILARITY = 0.5;
    public static final CheckOptions DEFAULT = new CheckOptions(true, 0.8);
}
