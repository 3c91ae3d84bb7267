package dev.anneal.security.token;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches the keys of the token issuer. */
record IssuerKeys(String issuer) implements JWKSetSource<SecurityContext> {
    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

    /**
     * Returns the issuer's keys, cached for five minutes. An unknown key id fetches them again, at most twice in twenty
     * seconds: the library allows two fetches per interval. If a fetch fails, the keys of the last hour stay valid.
     */
    static JWKSource<SecurityContext> of(String issuer) {
        JWKSetBasedJWKSource<SecurityContext> keys = cached(issuer);
        return (selector, context) -> {
            try {
                return keys.get(selector, context);
            } catch (RateLimitReachedException limit) {
                return selector.select(keys.getJWKSetSource()
                        .getJWKSet(JWKSetCacheRefreshEvaluator.noRefresh(), System.currentTimeMillis(), context));
            }
        };
    }

    static JWKSetBasedJWKSource<SecurityContext> cached(String issuer) {
        return (JWKSetBasedJWKSource<SecurityContext>) JWKSourceBuilder.create(new IssuerKeys(issuer))
                .refreshAheadCache(false)
                .rateLimited(Duration.ofSeconds(20).toMillis())
                .outageTolerant(Duration.ofHours(1).toMillis())
                .build();
    }

    @Override
    public JWKSet getJWKSet(JWKSetCacheRefreshEvaluator refresh, long now, @Nullable SecurityContext context)
            throws JWKSetRetrievalException {
        try {
            return JWKSet.parse(IssuerCalls.get(IssuerCalls.address(IssuerCalls.metadata(issuer), "jwks_uri")));
        } catch (IOException | ParseException | RuntimeException e) {
            log.error("cannot fetch the keys of the issuer {}: {}", issuer, e.toString());
            throw new JWKSetRetrievalException(e.toString(), e);
        }
    }

    @Override
    public void close() {}
}
