package dev.anneal.transformer.tokenizer;

import java.util.Arrays;

/**
 * Texts as token ids. {@code types} says for each token to which text of a pair it belongs (0 or 1), and is null where all
 * are 0; {@code segments} numbers from 1 the texts that are packed one behind the other, and is null where there is only one.
 */
public record Encoded(int[] ids, byte[] types, int[] segments) {
    public Encoded(int[] ids, byte[] types) {
        this(ids, types, null);
    }

    public int length() {
        return ids.length;
    }

    /** The first tokens, at most so many. */
    public Encoded cut(int length) {
        return length() <= length
                ? this
                : new Encoded(
                        Arrays.copyOf(ids, length),
                        types == null ? null : Arrays.copyOf(types, length),
                        segments == null ? null : Arrays.copyOf(segments, length));
    }

    /** The same with other ids. */
    public Encoded withIds(int[] other) {
        return new Encoded(other, types, segments);
    }
}
