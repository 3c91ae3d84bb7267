package dev.anneal.evaluation.text;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * ROUGE-L, as Google's rouge-score computes it without stemming: the longest common subsequence of the words of two texts. Words
 * consist of the letters a to z and of digits, so it says nothing about texts in other scripts.
 */
public record RougeL(double precision, double recall, double f1) {
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^a-z0-9]+");

    /** Returns the figures of an answer; null if the reference has no words. */
    public static @Nullable RougeL of(String reference, String answer) {
        List<String> wanted = words(reference);
        List<String> found = words(answer);
        if (wanted.isEmpty()) {
            return null;
        }
        if (found.isEmpty()) {
            return new RougeL(0, 0, 0);
        }
        double common = common(wanted, found);
        double precision = common / found.size();
        double recall = common / wanted.size();
        return new RougeL(precision, recall, common == 0 ? 0 : 2 * precision * recall / (precision + recall));
    }

    private static List<String> words(String text) {
        return Arrays.stream(BETWEEN_WORDS.split(text.toLowerCase(Locale.ROOT)))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Returns the length of the longest common subsequence. */
    private static int common(List<String> a, List<String> b) {
        int[] above = new int[b.size() + 1];
        for (String word : a) {
            int[] row = new int[b.size() + 1];
            for (int j = 0; j < b.size(); j++) {
                row[j + 1] = word.equals(b.get(j)) ? above[j] + 1 : Math.max(above[j + 1], row[j]);
            }
            above = row;
        }
        return above[b.size()];
    }
}
