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
 * @param maxArriving bodies of a project that are on the way at once
 * @param maxBytesInFlight of the bodies of a project that are in memory at once
 */
@ConfigurationProperties("anneal.request")
record RequestSettings(
        @DefaultValue("16MB") DataSize maxSize,
        @DefaultValue("20s") Duration slowAfter,
        @DefaultValue("1024") long minBytesPerSecond,
        @DefaultValue("64") int maxArriving,
        @DefaultValue("24MB") DataSize maxBytesInFlight) {
    RequestSettings {
        SettingChecks.positive("anneal.request.max-size", maxSize);
        SettingChecks.positive("anneal.request.slow-after", slowAfter);
        SettingChecks.notNegative("anneal.request.min-bytes-per-second", minBytesPerSecond);
        SettingChecks.notNegative("anneal.request.max-arriving", maxArriving);
        SettingChecks.positive("anneal.request.max-bytes-in-flight", maxBytesInFlight);
    }
}
