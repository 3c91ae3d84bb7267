package dev.anneal.webhook;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of deliveries.
 *
 * @param timeout for a whole attempt
 * @param backoff wait after the first failed attempt; it triples up to {@code maxBackoff}
 * @param giveUpAfter a delivery fails if no attempt succeeds within this time after the job changed
 * @param lease after this time another process may repeat an attempt of a process that died
 * @param parallel attempts at once per webhook
 * @param keep how long finished deliveries are kept
 */
@ConfigurationProperties("anneal.webhooks")
record WebhookSettings(
        @DefaultValue("10s") Duration timeout,
        @DefaultValue("5s") Duration backoff,
        @DefaultValue("3h") Duration maxBackoff,
        @DefaultValue("24h") Duration giveUpAfter,
        @DefaultValue("60s") Duration lease,
        @DefaultValue("500ms") Duration poll,
        @DefaultValue("4") int parallel,
        @DefaultValue("16") int threads,
        @DefaultValue("7d") Duration keep,
        @DefaultValue("20") int maxPerProject) {
    WebhookSettings {
        SettingChecks.positive("anneal.webhooks.timeout", timeout);
        SettingChecks.positive("anneal.webhooks.backoff", backoff);
        SettingChecks.positive("anneal.webhooks.max-backoff", maxBackoff);
        SettingChecks.notNegative("anneal.webhooks.give-up-after", giveUpAfter);
        SettingChecks.positive("anneal.webhooks.lease", lease);
        SettingChecks.positive("anneal.webhooks.poll", poll);
        SettingChecks.positive("anneal.webhooks.parallel", parallel);
        SettingChecks.positive("anneal.webhooks.threads", threads);
        SettingChecks.notNegative("anneal.webhooks.keep", keep);
        SettingChecks.notNegative("anneal.webhooks.max-per-project", maxPerProject);
    }

    double giveUpSeconds() {
        return giveUpAfter.toMillis() / 1000.0;
    }
}
