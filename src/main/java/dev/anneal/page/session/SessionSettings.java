package dev.anneal.page.session;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Sessions of the page.
 *
 * @param idle a session ends after this time without a request
 * @param longest a session ends after this time in any case
 * @param byIssuer a session that began at the OIDC issuer ends after this time, so that the issuer is asked for the role again
 */
@ConfigurationProperties("anneal.page.session")
record SessionSettings(
        @DefaultValue("8h") Duration idle,
        @DefaultValue("7d") Duration longest,
        @DefaultValue("8h") Duration byIssuer) {
    SessionSettings {
        SettingChecks.positive("anneal.page.session.idle", idle);
        SettingChecks.positive("anneal.page.session.longest", longest);
        SettingChecks.positive("anneal.page.session.by-issuer", byIssuer);
    }
}
