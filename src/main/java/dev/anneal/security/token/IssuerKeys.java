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
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;

/**
 * Fetches the keys of the token issuer. Each answer must arrive within five seconds and have at most one MiB. The operator
 * names the issuer, so its address may be a private one, unlike an address that a user names.
 */
record IssuerKeys(String issuer) implements JWKSetSource<SecurityContext> {
    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
    private static final int MAX_BYTES = 1 << 20;
    private static final JdkClientHttpRequestFactory HTTP = new JdkClientHttpRequestFactory();

    static {
        HTTP.setReadTimeout(Duration.ofSeconds(5)); // from the connection to the end of the body
    }

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
            Map<String, Object> metadata =
                    JSONObjectUtils.parse(get(issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration"));
            if (!issuer.equals(metadata.get("issuer")) || !(metadata.get("jwks_uri") instanceof String uri)) {
                throw new IOException("its openid-configuration names another issuer or no jwks_uri");
            }
            return JWKSet.parse(get(uri));
        } catch (IOException | ParseException | RuntimeException e) {
            log.error("cannot fetch the keys of the issuer {}: {}", issuer, e.toString());
            throw new JWKSetRetrievalException(e.toString(), e);
        }
    }

    private String get(String uri) throws IOException {
        ClientHttpRequest request = HTTP.createRequest(URI.create(uri), HttpMethod.GET);
        request.getHeaders().set("Accept", "application/json, application/jwk-set+json");
        try (ClientHttpResponse response = request.execute()) {
            byte[] body = response.getBody().readNBytes(MAX_BYTES + 1);
            if (!response.getStatusCode().is2xxSuccessful() || body.length > MAX_BYTES) {
                throw new IOException(
                        uri + " answered " + response.getStatusCode() + " with " + body.length + " bytes");
            }
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {}
}
