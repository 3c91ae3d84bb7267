package dev.anneal.dataset.duplicate;

/**
 * The choices of a check.
 *
 * @param nearDuplicates whether texts that are almost the same are searched
 * @param similarity the Jaccard similarity of their shingles from which two texts count as almost the same
 * @param work that each of the two searches may do
 */
public record CheckOptions(boolean nearDuplicates, double similarity, Work work) {
    /**
     * The work of a search, about in numbers that are read.
     *
     * @param least what is always allowed: about a second
     * @param perShingle what is also allowed for each shingle of the texts, so that a file of similar rows does not take for ever
     */
    public record Work(long least, int perShingle) {
        private static final Work DEFAULT = new Work(300_000_000, 400);

        long most(long shingles) {
            return least + perShingle * shingles;
        }
    }

    public static final double LEAST_SIMILARITY = 0.5;
    public static final CheckOptions DEFAULT = new CheckOptions(true, 0.8);

    public CheckOptions(boolean nearDuplicates, double similarity) {
        this(nearDuplicates, similarity, Work.DEFAULT);
    }
}
