package dev.anneal.transformer.generate;

import java.util.List;

/**
 * How a text is to go on: by at most {@code maxNewTokens}, up to one of the {@code stop} texts; at temperature 0 by the
 * likeliest tokens, else by drawing from the {@code topK} likeliest (0: all) and of these from the likeliest that make up
 * the probability {@code topP}. Equal seeds draw equally.
 */
public record GenerationOptions(
        int maxNewTokens, double temperature, double topP, int topK, List<String> stop, long seed) {

    /** The likeliest tokens. */
    public static GenerationOptions greedy(int maxNewTokens) {
        return new GenerationOptions(maxNewTokens, 0, 1, 0, List.of(), 0);
    }
}
