package dev.anneal.security;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Whose tokens are taken beside keys. Without an issuer none are. {@code roles} says what the values of the role claim stand
 * for; without it they are the names of the roles. A dot in the name of a claim leads into it.
 */
@ConfigurationProperties("anneal.oidc")
record OidcSettings(
        String issuer,
        String audience,
        @DefaultValue("anneal_project") String projectClaim,
        @DefaultValue("anneal_role") String roleClaim,
        Map<String, Role> roles) {

    boolean on() {
        return issuer != null && !issuer.isBlank();
    }
}
