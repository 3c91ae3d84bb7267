package dev.anneal.model.source;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of an import.
 *
 * @param maxBytes of all files of a model
 * @param retries failed tries in a row that bring no byte
 * @param backoff wait after the first of them
 * @param stall a connection that brings nothing for this long is closed
 * @param heartbeat how often a running import renews its lease and reports its progress
 * @param lease another process takes an import over if it was not renewed for this long
 * @param poll how often a process looks for imports
 * @param parallel imports at once per process; if there are several, a project has one less
 */
@ConfigurationProperties("anneal.import")
public record ImportSettings(
        @DefaultValue("50GB") DataSize maxBytes,
        @DefaultValue("5") int retries,
        @DefaultValue("1s") Duration backoff,
        @DefaultValue("60s") Duration stall,
        @DefaultValue("1s") Duration heartbeat,
        @DefaultValue("15s") Duration lease,
        @DefaultValue("1s") Duration poll,
        @DefaultValue("3") int parallel) {
    public ImportSettings {
        SettingChecks.positive("anneal.import.max-bytes", maxBytes);
        SettingChecks.notNegative("anneal.import.retries", retries);
        SettingChecks.notNegative("anneal.import.backoff", backoff);
        SettingChecks.positive("anneal.import.stall", stall);
        SettingChecks.positive("anneal.import.heartbeat", heartbeat);
        SettingChecks.positive("anneal.import.lease", lease);
        SettingChecks.longer("anneal.import.lease", lease, "anneal.import.heartbeat", heartbeat);
        SettingChecks.positive("anneal.import.poll", poll);
        SettingChecks.positive("anneal.import.parallel", parallel);
    }
}
