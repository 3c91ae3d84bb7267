package dev.anneal.artifact;

import dev.anneal.settings.SettingChecks;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The connection to S3. Credentials come from the AWS SDK's providers, as do endpoint and region if they are not set.
 *
 * @param partSize larger files are sent in parts of this size
 * @param orphansAfter the age at which files without a manifest, and unfinished uploads, are removed
 */
@ConfigurationProperties("anneal.s3")
record S3Settings(
        @Nullable URI endpoint,
        @Nullable String region,
        @DefaultValue("false") boolean pathStyle,
        @DefaultValue("64MB") DataSize partSize,
        @DefaultValue("48h") Duration orphansAfter) {
    S3Settings {
        SettingChecks.positive("anneal.s3.part-size", partSize);
        SettingChecks.positive("anneal.s3.orphans-after", orphansAfter);
    }
}
