package dev.anneal.web.limit;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits on the body of a request.
 *
 * @param maxSize of a body that is read into memory
 * @param slowAfter each period of this length spent waiting for the body must bring enough bytes
 * @param minBytesPerSecond how many bytes per second are enough
 */
@ConfigurationProperties("anneal.request")
record RequestSettings(
        @DefaultValue("16MB") DataSize maxSize,
        @DefaultValue("20s") Duration slowAfter,
        @DefaultValue("1024") long minBytesPerSecond) {
    RequestSettings {
        SettingChecks.positive("anneal.request.max-size", maxSize);
        SettingChecks.positive("anneal.request.slow-after", slowAfter);
        SettingChecks.notNegative("anneal.request.min-bytes-per-second", minBytesPerSecond);
    }
}
