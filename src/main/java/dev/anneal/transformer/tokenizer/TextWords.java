package dev.anneal.transformer.tokenizer;

import java.util.List;

/** The words of a text, and the index in it at which each starts, in UTF-16 units. */
public record TextWords(List<String> words, int[] starts) {
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
