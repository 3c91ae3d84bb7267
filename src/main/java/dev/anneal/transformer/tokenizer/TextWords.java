package dev.anneal.transformer.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a text into words as corpora of tagged words do: letters and digits form a word, also around a hyphen, an
 * apostrophe or a point, as do handles, hashtags and addresses; every other character is a word.
 */
public record TextWords(List<String> words, int[] starts) {
    private static final Pattern WORD = Pattern.compile(
            "https?://\\S+|[@#][\\p{L}\\p{N}_]+|[\\p{L}\\p{M}\\p{N}_]++(?:[-'’.,][\\p{L}\\p{M}\\p{N}_]++)*+|\\S");

    public static TextWords of(String text) {
        List<String> words = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(matcher.group());
            starts.add(matcher.start());
        }
        return new TextWords(words, starts.stream().mapToInt(i -> i).toArray());
    }

    /** Returns given words; their text joins them with spaces. */
    public static TextWords given(List<String> words) {
        int[] starts = new int[words.size()];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = starts[i - 1] + words.get(i - 1).length() + 1;
        }
        return new TextWords(words, starts);
    }

    public int end(int word) {
        return starts[word] + words.get(word).length();
    }
}
