package dev.anneal.worker;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The slots of a worker and its periods.
 *
 * @param devices {@code auto}, or a device per slot, separated by commas
 * @param memory {@code auto}, or the memory of a slot, or of each slot, separated by commas
 * @param poll how often an idle slot looks for a job
 * @param heartbeat how often leases are renewed, and the wait between two tries of a failed call
 * @param stopTimeout how long a trainer may take for its last checkpoint when the worker stops
 * @param patience how long an attempt survives without the database or the artifact store
 */
@ConfigurationProperties("anneal.worker")
record WorkerSettings(
        @DefaultValue("auto") String devices,
        @DefaultValue("auto") String memory,
        @DefaultValue("1s") Duration poll,
        @DefaultValue("1s") Duration heartbeat,
        @DefaultValue("16s") Duration stopTimeout,
        @DefaultValue("10m") Duration patience) {
    WorkerSettings {
        SettingChecks.positive("anneal.worker.poll", poll);
        SettingChecks.positive("anneal.worker.heartbeat", heartbeat);
        SettingChecks.notNegative("anneal.worker.stop-timeout", stopTimeout);
        SettingChecks.positive("anneal.worker.patience", patience);
    }
}
