package dev.anneal.inference;

import dev.anneal.settings.SettingChecks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of one request to a model. {@link dev.anneal.hosting.HostSettings} has those of the processes that serve models.
 *
 * @param maxInputs texts per request
 * @param maxCharacters of one text
 * @param maxNewTokens of one generated text
 */
@ConfigurationProperties("anneal.inference")
record InferenceSettings(
        @DefaultValue("1000") int maxInputs,
        @DefaultValue("100000") int maxCharacters,
        @DefaultValue("4096") int maxNewTokens) {
    InferenceSettings {
        SettingChecks.positive("anneal.inference.max-inputs", maxInputs);
        SettingChecks.positive("anneal.inference.max-characters", maxCharacters);
        SettingChecks.positive("anneal.inference.max-new-tokens", maxNewTokens);
    }
}
