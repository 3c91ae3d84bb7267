package dev.anneal.web.limit;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits on uploaded datasets.
 *
 * @param maxSize of the files of an upload
 * @param maxUnpackedSize of a compressed file
 * @param maxCompressionRatio of the unpacked to the packed size of a compressed file, beyond the first 16 MB
 * @param maxTextCharacters of one text in it
 * @param maxVersionTime that the steps of a version may take
 * @param maxSearchTime that the search for near duplicates may take in a check of rows. Then it stops, and the check warns
 */
@ConfigurationProperties("anneal.upload")
public record UploadSettings(
        @DefaultValue("2GB") DataSize maxSize,
        @DefaultValue("20GB") DataSize maxUnpackedSize,
        @DefaultValue("100") int maxCompressionRatio,
        @DefaultValue("1000000") int maxTextCharacters,
        @DefaultValue("10m") Duration maxVersionTime,
        @DefaultValue("10m") Duration maxSearchTime) {
    public UploadSettings {
        SettingChecks.positive("anneal.upload.max-size", maxSize);
        SettingChecks.positive("anneal.upload.max-unpacked-size", maxUnpackedSize);
        SettingChecks.positive("anneal.upload.max-compression-ratio", maxCompressionRatio);
        SettingChecks.positive("anneal.upload.max-text-characters", maxTextCharacters);
        SettingChecks.positive("anneal.upload.max-version-time", maxVersionTime);
        SettingChecks.positive("anneal.upload.max-search-time", maxSearchTime);
    }
}
