package dev.anneal.job.checkpoint;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The time for which the files of jobs are kept.
 *
 * @param retention for checkpoints of jobs that failed or were cancelled
 * @param grace for new files that nothing refers to yet
 * @param sweep how often files are removed
 */
@ConfigurationProperties("anneal.checkpoints")
record RetentionSettings(
        @DefaultValue("7d") Duration retention,
        @DefaultValue("1h") Duration grace,
        @DefaultValue("10m") Duration sweep) {
    RetentionSettings {
        SettingChecks.notNegative("anneal.checkpoints.retention", retention);
        SettingChecks.notNegative("anneal.checkpoints.grace", grace);
        SettingChecks.positive("anneal.checkpoints.sweep", sweep);
    }
}
