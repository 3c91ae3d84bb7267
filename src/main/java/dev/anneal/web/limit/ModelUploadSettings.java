package dev.anneal.web.limit;

import dev.anneal.settings.SettingChecks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** The largest ZIP file of a model that may be uploaded. */
@ConfigurationProperties("anneal.import")
record ModelUploadSettings(@DefaultValue("5GB") DataSize maxUploadBytes) {
    ModelUploadSettings {
        SettingChecks.positive("anneal.import.max-upload-bytes", maxUploadBytes);
    }
}
