package dev.anneal.event;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The intervals at which open event streams are checked.
 *
 * @param poll how often the database is asked for new events
 * @param check how often the callers' keys are checked
 */
@ConfigurationProperties("anneal.events")
public record EventSettings(
        @DefaultValue("200ms") Duration poll,
        @DefaultValue("5s") Duration check) {
    public EventSettings {
        SettingChecks.positive("anneal.events.poll", poll);
        SettingChecks.positive("anneal.events.check", check);
    }
}
