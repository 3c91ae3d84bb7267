package dev.anneal.security.token;

import dev.anneal.security.Role;
import dev.anneal.settings.InvalidSettingException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The OpenID issuer whose tokens are accepted besides keys. Without an issuer no tokens are accepted.
 *
 * @param roles roles by the values of the role claim; without it the values are the names of roles
 * @param projectClaim the name of a claim; a dot separates the names of nested claims
 * @param roleClaim like {@code projectClaim}
 * @param clientId of this server at the issuer, for people who sign in on the page; empty if they cannot
 * @param clientSecret empty for a public client
 * @param scope what the page asks the issuer for
 */
@ConfigurationProperties("anneal.oidc")
record OidcSettings(
        @DefaultValue("") String issuer,
        @Nullable String audience,
        @DefaultValue("anneal_project") String projectClaim,
        @DefaultValue("anneal_role") String roleClaim,
        @DefaultValue Map<String, Role> roles,
        @DefaultValue("") String clientId,
        @DefaultValue("") String clientSecret,
        @DefaultValue("openid profile email") String scope) {

    OidcSettings {
        if (issuer.isBlank() && !clientId.isBlank()) {
            throw new InvalidSettingException(
                    "anneal.oidc.client-id", clientId, "empty if anneal.oidc.issuer is empty");
        }
    }

    boolean isConfigured() {
        return !issuer.isBlank();
    }
}
