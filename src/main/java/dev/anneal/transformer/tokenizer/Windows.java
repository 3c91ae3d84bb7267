package dev.anneal.transformer.tokenizer;

import dev.anneal.transformer.architecture.LongTexts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The windows of a long text: parts of at most a number of tokens, each with the special tokens around it, that overlap by a
 * quarter. {@code before} and {@code after} count the special tokens.
 */
record Windows(int[] ids, int before, int after, int maxLength) {
    /** A part of the tokens, {@code to} exclusive. */
    private record Range(int from, int to) {}

    private int room() {
        return Math.max(1, maxLength - before - after);
    }

    private int overlap() {
        return LongTexts.overlap(room());
    }

    private int end() {
        return ids.length - after;
    }

    /** Returns one text if it is short enough, else windows that are all as long as possible. */
    List<Encoded> texts() {
        if (ids.length <= maxLength) {
            return List.of(new Encoded(ids, null));
        }
        int step = room() - overlap();
        int last = end() - room();
        List<Encoded> texts = new ArrayList<>();
        for (int from = before; from < last; from += step) {
            texts.add(encoded(new Range(from, from + room())));
        }
        texts.add(encoded(new Range(last, end())));
        return texts;
    }

    /** Returns the windows of words; they start with a word, unless it has more tokens than a window. */
    List<Words> words(int[] wordOfToken, int[] firstTokens) {
        if (ids.length <= maxLength) {
            return List.of(new Words(new Encoded(ids, null), 0, firstTokens));
        }
        List<Range> ranges = new ArrayList<>();
        for (int from = before; ; ) {
            Range range = new Range(from, Math.min(end(), from + room()));
            ranges.add(range);
            if (range.to == end()) {
                break;
            }
            int next = Math.max(from + 1, range.to - overlap());
            int aligned = next;
            while (aligned > from + 1 && wordOfToken[aligned] == wordOfToken[aligned - 1]) {
                aligned--;
            }
            from = wordOfToken[aligned] == wordOfToken[aligned - 1] ? next : aligned;
        }
        List<Words> windows = new ArrayList<>();
        int word = 0;
        for (int i = 0; i < ranges.size(); i++) {
            Range range = ranges.get(i);
            int first = word;
            // Of the words in both windows, each belongs to the window in which it is farther from the border.
            int border = i + 1 < ranges.size() ? (ranges.get(i + 1).from + range.to) / 2 : Integer.MAX_VALUE;
            while (word < firstTokens.length && firstTokens[word] < border) {
                word++;
            }
            int[] places = Arrays.copyOfRange(firstTokens, first, word);
            for (int k = 0; k < places.length; k++) {
                places[k] = places[k] < 0 ? -1 : places[k] - range.from + before;
            }
            windows.add(new Words(encoded(range), first, places));
        }
        return windows;
    }

    private Encoded encoded(Range range) {
        int length = range.to - range.from;
        int[] window = new int[before + length + after];
        System.arraycopy(ids, 0, window, 0, before);
        System.arraycopy(ids, range.from, window, before, length);
        System.arraycopy(ids, end(), window, before + length, after);
        return new Encoded(window, null);
    }
}
