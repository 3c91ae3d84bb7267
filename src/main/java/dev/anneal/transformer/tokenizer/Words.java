package dev.anneal.transformer.tokenizer;

/** The tokens of a sentence given as words; {@code firstTokens} has the first token of each word, -1 if truncated. */
public record Words(Encoded text, int[] firstTokens) {}
