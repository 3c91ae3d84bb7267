package dev.anneal.web;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The time for which an idempotency key is held for a request in progress.
 *
 * @param lease the key is free again if its holder has not renewed it for this long
 * @param renew how often the holder renews it
 */
@ConfigurationProperties("anneal.idempotency")
record IdempotencySettings(
        @DefaultValue("60s") Duration lease,
        @DefaultValue("15s") Duration renew) {
    IdempotencySettings {
        SettingChecks.positive("anneal.idempotency.lease", lease);
        SettingChecks.positive("anneal.idempotency.renew", renew);
        SettingChecks.longer("anneal.idempotency.lease", lease, "anneal.idempotency.renew", renew);
    }
}
