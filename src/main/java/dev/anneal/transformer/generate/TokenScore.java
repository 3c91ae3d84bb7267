package dev.anneal.transformer.generate;

import java.util.List;

/** A token, its natural log probability before temperature, and the likeliest tokens in its place, the likeliest first. */
public record TokenScore(int id, String text, double logprob, List<TokenScore> likeliest) {}
