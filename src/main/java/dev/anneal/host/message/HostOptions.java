package dev.anneal.host.message;

/**
 * The settings of a model host.
 *
 * @param directory of the model's files
 * @param device {@code cpu} or {@code cuda:N}
 * @param cores threads that one computation may use
 * @param tokenBudget padded tokens per batch; 0 for a number that suits the device
 * @param maxGenerations texts that are generated at once
 * @param cacheTokens tokens of prompts and answers for which the caches of generations have room
 * @param precision {@code fp32}, {@code bf16}, or {@code auto}
 * @param loadSeconds longest time to load the model
 * @param stallSeconds longest time of one step: to tokenize a text, to render a conversation, to compute a batch
 */
public record HostOptions(
        String directory,
        String device,
        int cores,
        int tokenBudget,
        int maxGenerations,
        int cacheTokens,
        String precision,
        double loadSeconds,
        double stallSeconds) {}
