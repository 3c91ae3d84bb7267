package dev.anneal.transformer.tokenizer;

/**
 * A window of a sentence given as words: its tokens, and the place of the first token of each word from word {@code first} on,
 * -1 if the word has none. Windows overlap, so that a word has tokens on both sides of it; each word has its place in one window.
 */
public record Words(Encoded text, int first, int[] firstTokens) {}
