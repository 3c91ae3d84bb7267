package dev.anneal.evaluation;

import java.util.Arrays;
import java.util.List;

/** The tags that the words of sentences have, and those that a model gave them, by number; the loss is the mean of all words. */
public record TokenClassificationPredictions(List<String> tags, int[][] expected, int[][] predicted, double loss) {
    List<String> expected(int sentence) {
        return Arrays.stream(expected[sentence]).mapToObj(tags::get).toList();
    }

    List<String> predicted(int sentence) {
        return Arrays.stream(predicted[sentence]).mapToObj(tags::get).toList();
    }
}
