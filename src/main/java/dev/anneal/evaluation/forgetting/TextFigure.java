package dev.anneal.evaluation.forgetting;

/**
 * The figure that a model has for a text: the sum of some numbers, and how many they are. These are the losses of its tokens, or
 * one cosine.
 *
 * @param preferred the token that the model prefers at each place; empty if that is not known
 */
public record TextFigure(double sum, long count, int[] preferred) {
    public TextFigure(double sum, long count) {
        this(sum, count, new int[0]);
    }
}
