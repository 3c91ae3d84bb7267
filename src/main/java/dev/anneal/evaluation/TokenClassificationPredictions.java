package dev.anneal.evaluation;

import java.util.Arrays;
import java.util.List;

/** The tags that the words of sentences have, and those that a model gave them, by number, -1 for none; the loss is the mean of all words. */
public record TokenClassificationPredictions(List<String> tags, int[][] expected, int[][] predicted, double loss) {
    public int size() {
        return expected.length;
    }

    List<String> expected(int sentence) {
        return names(expected[sentence]);
    }

    List<String> predicted(int sentence) {
        return names(predicted[sentence]);
    }

    private List<String> names(int[] numbers) {
        return Arrays.stream(numbers)
                .mapToObj(tag -> tag < 0 ? "O" : tags.get(tag))
                .toList();
    }
}
