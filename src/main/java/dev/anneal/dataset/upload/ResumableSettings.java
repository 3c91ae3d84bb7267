package dev.anneal.dataset.upload;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits on uploads that arrive in parts.
 *
 * @param directory for the files of uploads and of datasets that are validated; {@code uploads} in the data directory if empty
 * @param maxPerProject unfinished and unused uploads of a project
 * @param maxBytesPerProject the announced bytes of these
 * @param keep an upload is removed if nothing arrived for this long
 * @param sweep how often expired uploads are removed
 */
@ConfigurationProperties("anneal.uploads")
public record ResumableSettings(
        @DefaultValue("") String directory,
        @DefaultValue("20") int maxPerProject,
        @DefaultValue("10GB") DataSize maxBytesPerProject,
        @DefaultValue("2d") Duration keep,
        @DefaultValue("1m") Duration sweep) {
    public ResumableSettings {
        SettingChecks.positive("anneal.uploads.max-per-project", maxPerProject);
        SettingChecks.positive("anneal.uploads.max-bytes-per-project", maxBytesPerProject);
        SettingChecks.positive("anneal.uploads.keep", keep);
        SettingChecks.positive("anneal.uploads.sweep", sweep);
    }
}
