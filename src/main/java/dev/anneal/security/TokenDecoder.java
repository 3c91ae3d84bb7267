package dev.anneal.security;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;

/** Checks the signature of a token against the issuer's keys, which are fetched with the first token, and its claims. */
final class TokenDecoder {
    private static final Duration SKEW = Duration.ofSeconds(60);

    private TokenDecoder() {}

    static JwtDecoder of(OidcSettings settings) {
        List<OAuth2TokenValidator<Jwt>> checks = new ArrayList<>();
        checks.add(check(
                "token_expired",
                jwt -> jwt.getExpiresAt() != null
                        && jwt.getExpiresAt().isAfter(Instant.now().minus(SKEW))));
        checks.add(check(
                "token_not_yet_valid",
                jwt -> jwt.getNotBefore() == null
                        || jwt.getNotBefore().isBefore(Instant.now().plus(SKEW))));
        checks.add(check("wrong_issuer", jwt -> settings.issuer().equals(jwt.getClaimAsString("iss"))));
        if (settings.audience() != null) {
            checks.add(check(
                    "wrong_audience",
                    jwt -> jwt.getAudience() != null && jwt.getAudience().contains(settings.audience())));
        }
        return new SupplierJwtDecoder(() -> {
            NimbusJwtDecoder decoder = NimbusJwtDecoder.withIssuerLocation(settings.issuer())
                    .restOperations(new IssuerHttp())
                    .build();
            decoder.setJwtValidator(jwt -> checks.stream()
                    .map(check -> check.validate(jwt))
                    .filter(OAuth2TokenValidatorResult::hasErrors)
                    .findFirst()
                    .orElse(OAuth2TokenValidatorResult.success()));
            return decoder;
        });
    }

    private interface Holds {
        boolean of(Jwt jwt);
    }

    private static OAuth2TokenValidator<Jwt> check(String code, Holds holds) {
        return jwt -> holds.of(jwt)
                ? OAuth2TokenValidatorResult.success()
                : OAuth2TokenValidatorResult.failure(new OAuth2Error(code));
    }
}
