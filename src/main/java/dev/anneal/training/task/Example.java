package dev.anneal.training.task;

import dev.anneal.transformer.tokenizer.Encoded;

/**
 * A text as tokens, and what is to be learned of it: the number of its label, a 1 or 0 for each label, a number, or for each
 * token the number of its label or of the token that belongs there ({@link #IGNORED}: nothing).
 */
public record Example(Encoded text, float[] target) {
    static final int IGNORED = -100;
}
