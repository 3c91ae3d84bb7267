package dev.anneal.web.limit;

import dev.anneal.settings.SettingChecks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits on uploaded datasets.
 *
 * @param maxSize of the file
 * @param maxTextCharacters of one text in it
 */
@ConfigurationProperties("anneal.upload")
public record UploadSettings(
        @DefaultValue("2GB") DataSize maxSize,
        @DefaultValue("1000000") int maxTextCharacters) {
    public UploadSettings {
        SettingChecks.positive("anneal.upload.max-size", maxSize);
        SettingChecks.positive("anneal.upload.max-text-characters", maxTextCharacters);
    }
}
