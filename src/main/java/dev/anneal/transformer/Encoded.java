package dev.anneal.transformer;

/**
 * A text, or a pair of texts, as token ids; {@code types} says for each token to which text of the pair it belongs (0 or
 * 1), and is null where all are 0.
 */
public record Encoded(int[] ids, byte[] types) {
    public int length() {
        return ids.length;
    }
}
