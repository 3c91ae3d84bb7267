package dev.anneal.transformer.generate;

import java.util.List;

/** Options of a generation that chooses the likeliest tokens. */
public final class Greedy {
    private Greedy() {}

    public static GenerationOptions options(int maxNewTokens) {
        return new GenerationOptions(maxNewTokens, 0, 1, 0, List.of(), 0);
    }
}
