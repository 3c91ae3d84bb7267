package dev.anneal.transformer.tokenizer;

/** A sentence given as words, as tokens: {@code firstTokens} says where each word begins, -1 where it was cut off. */
public record Words(Encoded text, int[] firstTokens) {}
