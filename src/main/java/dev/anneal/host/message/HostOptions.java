package dev.anneal.host.message;

import org.jspecify.annotations.Nullable;

/**
 * The settings of a model host.
 *
 * @param directory of the model's files
 * @param device {@code cpu} or {@code cuda:N}
 * @param cores threads that one computation may use
 * @param tokenBudget padded tokens per batch; 0 for a number that suits the device
 * @param maxGenerations texts that are generated at once
 * @param maxGenerationsPerKey the same for one key, which may take a share of {@code cacheTokens} in this proportion
 * @param cacheTokens tokens of prompts and answers for which the caches of generations have room
 * @param precision {@code fp32}, {@code bf16}, or {@code auto}
 * @param difference of bf16 from fp32, as an earlier host of the model found it; null lets the host find it
 * @param loadSeconds longest time to load the model
 * @param isSeparate whether one step is computed at a time, with calls of one caller, so that it is known whose call ended the
 *     process
 * @param steps the file of {@link RunningSteps}
 * @param stallSeconds longest time of one step: to tokenize a text, to render a conversation, to compute a batch
 */
public record HostOptions(
        String directory,
        String device,
        int cores,
        int tokenBudget,
        int maxGenerations,
        int maxGenerationsPerKey,
        int cacheTokens,
        String precision,
        @Nullable Double difference,
        boolean isSeparate,
        String steps,
        double loadSeconds,
        double stallSeconds) {}
