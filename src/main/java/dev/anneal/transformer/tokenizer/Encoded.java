package dev.anneal.transformer.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Texts as token ids. {@code types} says for each token to which text of a pair it belongs (0 or 1), and is null if all are
 * 0; {@code segments} numbers packed texts from 1, and is null if there is only one.
 */
public record Encoded(int[] ids, byte @Nullable [] types, int @Nullable [] segments) {
    public Encoded(int[] ids, byte @Nullable [] types) {
        this(ids, types, null);
    }

    public int length() {
        return ids.length;
    }

    /** Returns the first tokens, at most that many. */
    public Encoded cut(int length) {
        return length() <= length
                ? this
                : new Encoded(
                        Arrays.copyOf(ids, length),
                        types == null ? null : Arrays.copyOf(types, length),
                        segments == null ? null : Arrays.copyOf(segments, length));
    }

    /** Returns a copy with other ids. */
    public Encoded withIds(int[] other) {
        return new Encoded(other, types, segments);
    }
}
