package dev.anneal.security.audit;

import dev.anneal.settings.SettingChecks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The number of refused calls per minute that are logged for each caller, and for all unknown callers together. */
@ConfigurationProperties("anneal.audit")
record AuditSettings(@DefaultValue("60") int anonymousPerMinute) {
    AuditSettings {
        SettingChecks.notNegative("anneal.audit.anonymous-per-minute", anonymousPerMinute);
    }
}
