package dev.anneal.artifact;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of the local copies of artifacts in S3.
 *
 * @param maxSize above it the least recently used copies are removed
 * @param idle a copy that was used within this time is never removed
 */
@ConfigurationProperties("anneal.cache")
record CacheSettings(
        @DefaultValue("50GB") DataSize maxSize,
        @DefaultValue("1h") Duration idle) {
    CacheSettings {
        SettingChecks.notNegative("anneal.cache.max-size", maxSize);
        SettingChecks.notNegative("anneal.cache.idle", idle);
    }
}
