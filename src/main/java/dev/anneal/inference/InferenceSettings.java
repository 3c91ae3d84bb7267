package dev.anneal.inference;

import dev.anneal.settings.SettingChecks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of predictions and generated texts.
 *
 * @param maxModels models in memory
 * @param maxInputs texts per request
 * @param maxCharacters of one text
 * @param tokenBudget padded tokens per batch
 * @param maxWaiting texts that wait for one model
 * @param maxGenerations texts that one model generates at once; they share the processor's cores
 * @param maxWaitingGenerations requests that wait for one model to generate
 * @param maxNewTokens of one generated text
 * @param device {@code cpu} or {@code cuda:N}
 */
@ConfigurationProperties("anneal.inference")
record InferenceSettings(
        @DefaultValue("4") int maxModels,
        @DefaultValue("1000") int maxInputs,
        @DefaultValue("100000") int maxCharacters,
        @DefaultValue("4096") int tokenBudget,
        @DefaultValue("10000") int maxWaiting,
        @DefaultValue("2") int maxGenerations,
        @DefaultValue("32") int maxWaitingGenerations,
        @DefaultValue("4096") int maxNewTokens,
        @DefaultValue("cpu") String device) {
    InferenceSettings {
        SettingChecks.positive("anneal.inference.max-models", maxModels);
        SettingChecks.positive("anneal.inference.max-inputs", maxInputs);
        SettingChecks.positive("anneal.inference.max-characters", maxCharacters);
        SettingChecks.positive("anneal.inference.token-budget", tokenBudget);
        SettingChecks.positive("anneal.inference.max-waiting", maxWaiting);
        SettingChecks.positive("anneal.inference.max-generations", maxGenerations);
        SettingChecks.notNegative("anneal.inference.max-waiting-generations", maxWaitingGenerations);
        SettingChecks.positive("anneal.inference.max-new-tokens", maxNewTokens);
    }
}
