package dev.anneal.security.token;

import dev.anneal.security.Role;
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
 */
@ConfigurationProperties("anneal.oidc")
record OidcSettings(
        @DefaultValue("") String issuer,
        @Nullable String audience,
        @DefaultValue("anneal_project") String projectClaim,
        @DefaultValue("anneal_role") String roleClaim,
        @DefaultValue Map<String, Role> roles) {

    boolean isConfigured() {
        return !issuer.isBlank();
    }
}
