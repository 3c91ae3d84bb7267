package dev.anneal.artifact;

import dev.anneal.settings.Check;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of the local copies of what is in S3.
 *
 * @param maxSize above it the copies that were asked for longest ago are removed
 * @param idle a copy that was asked for within this time is kept in any case
 */
@ConfigurationProperties("anneal.cache")
record CacheSettings(
        @DefaultValue("50GB") DataSize maxSize,
        @DefaultValue("1h") Duration idle) {
    CacheSettings {
        Check.notNegative("anneal.cache.max-size", maxSize);
        Check.notNegative("anneal.cache.idle", idle);
    }
}
