package dev.anneal.web.limit;

import dev.anneal.settings.SettingChecks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits on callers and projects; 0 means no limit. {@code maxQueuedJobs}, {@code maxDatasets} and {@code maxStorage} apply
 * to projects that set no limits.
 *
 * @param requestsPerSecond per key and process
 * @param requestBurst how many requests a key may send at once after a pause
 * @param eventStreams open streams per key and process
 * @param wrongKeysPerMinute per address and process
 * @param maxRows of a dataset
 */
@ConfigurationProperties("anneal.limits")
public record Limits(
        @DefaultValue("200") int requestsPerSecond,
        @DefaultValue("1000") int requestBurst,
        @DefaultValue("2000") int eventStreams,
        @DefaultValue("100") int wrongKeysPerMinute,
        @DefaultValue("0") int maxQueuedJobs,
        @DefaultValue("0") int maxDatasets,
        @DefaultValue("0") DataSize maxStorage,
        @DefaultValue("10000000") long maxRows) {
    public Limits {
        SettingChecks.notNegative("anneal.limits.requests-per-second", requestsPerSecond);
        SettingChecks.notNegative("anneal.limits.request-burst", requestBurst);
        SettingChecks.notNegative("anneal.limits.event-streams", eventStreams);
        SettingChecks.notNegative("anneal.limits.wrong-keys-per-minute", wrongKeysPerMinute);
        SettingChecks.notNegative("anneal.limits.max-queued-jobs", maxQueuedJobs);
        SettingChecks.notNegative("anneal.limits.max-datasets", maxDatasets);
        SettingChecks.notNegative("anneal.limits.max-storage", maxStorage);
        SettingChecks.notNegative("anneal.limits.max-rows", maxRows);
    }
}
