package dev.anneal.webhook;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Bounds of deliveries. {@code timeout} is for a whole attempt, {@code backoff} the wait after the first one, which
 * triples up to {@code maxBackoff}; {@code giveUpAfter} counts from the change of the job, {@code lease} is how long an
 * attempt of a process that vanished counts as under way, {@code parallel} is per webhook, {@code keep} for what has ended.
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
    double giveUpSeconds() {
        return giveUpAfter.toMillis() / 1000.0;
    }
}
