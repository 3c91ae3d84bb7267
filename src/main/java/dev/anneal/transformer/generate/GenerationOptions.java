package dev.anneal.transformer.generate;

import java.util.List;

/**
 * Options of a generation: at most {@code maxNewTokens}, ended by one of the {@code stop} texts. At temperature 0 the
 * likeliest token is chosen, else one is drawn from the {@code topK} likeliest (0: all) and, of these, from the likeliest
 * that make up the probability {@code topP}. The same seed gives the same text. With {@code logprobs} from 0 on, each token
 * comes with its log probability and those of so many of the likeliest tokens in its place.
 */
public record GenerationOptions(
        int maxNewTokens, double temperature, double topP, int topK, List<String> stop, long seed, int logprobs) {
    public static final int NO_LOGPROBS = -1;

    public GenerationOptions(
            int maxNewTokens, double temperature, double topP, int topK, List<String> stop, long seed) {
        this(maxNewTokens, temperature, topP, topK, stop, seed, NO_LOGPROBS);
    }

    /** Returns options that choose the likeliest tokens. */
    public static GenerationOptions greedy(int maxNewTokens) {
        return new GenerationOptions(maxNewTokens, 0, 1, 0, List.of(), 0);
    }
}
