package dev.anneal.artifact;

import dev.anneal.settings.InvalidSettingException;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The artifact store: {@code directory} (within the data directory), a path that hosts share, or {@code s3://bucket/prefix}. */
@ConfigurationProperties("anneal")
record ArtifactSettings(@DefaultValue("directory") String artifacts) {
    ArtifactSettings {
        if (artifacts.isBlank() || artifacts.contains("://") && !artifacts.startsWith("s3://")) {
            throw new InvalidSettingException(
                    "anneal.artifacts", artifacts, "'directory', a path or s3://bucket/prefix");
        }
    }
}
