package dev.anneal.job.queue;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The time for which a worker holds a job, and the time for which a lost job waits.
 *
 * @param lease a job is reclaimed if its worker has not renewed the lease for this long
 * @param heartbeat how often a worker renews it
 * @param backoff wait after the first lost attempt; each further one waits four times as long
 * @param longestBackoff the longest such wait
 */
@ConfigurationProperties("anneal.worker")
public record LeaseSettings(
        @DefaultValue("15s") Duration lease,
        @DefaultValue("1s") Duration heartbeat,
        @DefaultValue("1s") Duration backoff,
        @DefaultValue("5m") Duration longestBackoff) {
    public LeaseSettings {
        SettingChecks.positive("anneal.worker.lease", lease);
        SettingChecks.longer("anneal.worker.lease", lease, "anneal.worker.heartbeat", heartbeat);
        SettingChecks.notNegative("anneal.worker.backoff", backoff);
        SettingChecks.notNegative("anneal.worker.longest-backoff", longestBackoff);
    }

    public double leaseSeconds() {
        return lease.toMillis() / 1000.0;
    }
}
