package dev.anneal.security.token;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** Checks the signature of a token against the issuer's keys, which are fetched with the first token, and its claims. */
final class TokenDecoder {
    private static final Duration SKEW = Duration.ofSeconds(60);

    private TokenDecoder() {}

    /** @param audience that a token must have, or null for any */
    static JwtDecoder of(JWKSource<SecurityContext> keys, String issuer, @Nullable String audience) {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSource(keys)
                .jwsAlgorithms(accepted -> accepted.addAll(List.of(SignatureAlgorithm.values())))
                .build();
        decoder.setJwtValidator(jwt -> {
            String error = error(jwt, issuer, audience);
            return error == null
                    ? OAuth2TokenValidatorResult.success()
                    : OAuth2TokenValidatorResult.failure(new OAuth2Error(error));
        });
        return decoder;
    }

    /** Returns the code of the first error in the claims, if any. */
    private static @Nullable String error(Jwt jwt, String issuer, @Nullable String audience) {
        Instant now = Instant.now();
        if (jwt.getExpiresAt() == null || !jwt.getExpiresAt().isAfter(now.minus(SKEW))) {
            return "token_expired";
        }
        if (jwt.getNotBefore() != null && !jwt.getNotBefore().isBefore(now.plus(SKEW))) {
            return "token_not_yet_valid";
        }
        if (!issuer.equals(jwt.getClaimAsString("iss"))) {
            return "wrong_issuer";
        }
        boolean ours = audience == null
                || jwt.getAudience() != null && jwt.getAudience().contains(audience);
        return ours ? null : "wrong_audience";
    }
}
