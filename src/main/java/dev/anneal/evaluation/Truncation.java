package dev.anneal.evaluation;

/** The number of texts that lost tokens because they are longer than {@code max_length}, and the number of these tokens. */
public record Truncation(int truncated, long tokensLeftOut) {
    public static final Truncation NONE = new Truncation(0, 0);
}
