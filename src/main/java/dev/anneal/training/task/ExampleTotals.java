package dev.anneal.training.task;

/**
 * Facts about all examples of a file.
 *
 * @param truncated how many were cut because they are too long
 * @param tokensLeftOut how many tokens were left out of them
 * @param targetsLeftOut how many of these tokens would have been learned
 * @param longestUncut how many tokens the longest example had before it was cut
 * @param windows how many are not the first of their row
 * @param texts the most texts that one of them has
 * @param unlearnable how many have nothing to learn
 */
record ExampleTotals(
        int truncated,
        long tokensLeftOut,
        long targetsLeftOut,
        int longestUncut,
        int windows,
        int texts,
        int unlearnable) {
    static final ExampleTotals NONE = ofTexts(1);

    /** Returns the facts about examples of so many texts that are complete. */
    static ExampleTotals ofTexts(int texts) {
        return new ExampleTotals(0, 0, 0, 0, 0, texts, 0);
    }

    static ExampleTotals of(Example example, boolean isLearnable) {
        return new ExampleTotals(
                example.cut().tokens() > 0 ? 1 : 0,
                example.cut().tokens(),
                example.cut().targets(),
                example.length() + example.cut().tokens(),
                example.window().number() > 0 ? 1 : 0,
                example.sequences().size(),
                isLearnable ? 0 : 1);
    }

    ExampleTotals plus(ExampleTotals other) {
        return new ExampleTotals(
                truncated + other.truncated,
                tokensLeftOut + other.tokensLeftOut,
                targetsLeftOut + other.targetsLeftOut,
                Math.max(longestUncut, other.longestUncut),
                windows + other.windows,
                Math.max(texts, other.texts),
                unlearnable + other.unlearnable);
    }
}
