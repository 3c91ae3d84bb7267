package dev.anneal.transformer.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a text as corpora of tagged words have them: letters and digits hang together, also over a hyphen, an
 * apostrophe or a point within, as do handles, hashtags and addresses; every other sign stands alone.
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

    /** Words that are given; their text is all of them with spaces between. */
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
