package dev.anneal.transformer.generate;

import java.util.List;

/**
 * Options of a generation: at most {@code maxNewTokens}, ended by one of the {@code stop} texts. At temperature 0 the
 * likeliest token is chosen, else one is sampled from the {@code topK} likeliest (0: all) and, of these, from the likeliest
 * that make up the probability {@code topP}. The same seed gives the same text.
 */
public record GenerationOptions(
        int maxNewTokens, double temperature, double topP, int topK, List<String> stop, long seed) {}
