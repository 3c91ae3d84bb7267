package dev.anneal.dataset.source;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits on fetching the files of a dataset.
 *
 * @param maxTime of all files of a dataset together
 * @param stall a connection that brings nothing for this long is closed
 * @param retries how often a failed call is repeated
 * @param backoff wait before the first repetition
 */
@ConfigurationProperties("anneal.source")
public record SourceSettings(
        @DefaultValue("1h") Duration maxTime,
        @DefaultValue("60s") Duration stall,
        @DefaultValue("3") int retries,
        @DefaultValue("1s") Duration backoff) {
    public SourceSettings {
        SettingChecks.positive("anneal.source.max-time", maxTime);
        SettingChecks.positive("anneal.source.stall", stall);
        SettingChecks.notNegative("anneal.source.retries", retries);
        SettingChecks.notNegative("anneal.source.backoff", backoff);
    }
}
