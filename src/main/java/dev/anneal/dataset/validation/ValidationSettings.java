package dev.anneal.dataset.validation;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The validation of received files.
 *
 * @param maxWait how long a request waits for the result unless it says otherwise
 * @param parallel datasets that a process validates at once
 * @param maxDatasets datasets that a process validates or keeps waiting
 * @param maxPerProject the same of one project
 * @param maxSources the same of datasets whose files it fetches from a source. One project can have half of them
 * @param heartbeat how often a process renews its leases and stores the progress
 * @param lease another process takes a dataset over if its lease was not renewed for this long
 * @param poll how often a process looks for such datasets
 * @param giveUpAfter a dataset is rejected if for this long no process that has its file could validate it
 */
@ConfigurationProperties("anneal.validation")
public record ValidationSettings(
        @DefaultValue("10s") Duration maxWait,
        @DefaultValue("4") int parallel,
        @DefaultValue("16") int maxDatasets,
        @DefaultValue("6") int maxPerProject,
        @DefaultValue("4") int maxSources,
        @DefaultValue("1s") Duration heartbeat,
        @DefaultValue("15s") Duration lease,
        @DefaultValue("5s") Duration poll,
        @DefaultValue("5m") Duration giveUpAfter) {
    public ValidationSettings {
        SettingChecks.notNegative("anneal.validation.max-wait", maxWait);
        SettingChecks.positive("anneal.validation.parallel", parallel);
        SettingChecks.positive("anneal.validation.max-datasets", maxDatasets);
        SettingChecks.positive("anneal.validation.max-per-project", maxPerProject);
        SettingChecks.positive("anneal.validation.max-sources", maxSources);
        SettingChecks.positive("anneal.validation.heartbeat", heartbeat);
        SettingChecks.positive("anneal.validation.lease", lease);
        SettingChecks.longer("anneal.validation.lease", lease, "anneal.validation.heartbeat", heartbeat);
        SettingChecks.positive("anneal.validation.poll", poll);
        SettingChecks.positive("anneal.validation.give-up-after", giveUpAfter);
    }
}
