package dev.anneal.security.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;

/** Tokens of an issuer that rotates its keys, is unreachable, or answers slowly or at length. */
class IssuerKeysTest {
    private static final RSAKey UNKNOWN = Issuer.newKey("unknown");

    private final Issuer issuer = new Issuer();
    private final OidcSettings settings =
            new OidcSettings(issuer.url(), "anneal", "anneal_project", "anneal_role", Map.of(), "", "", "openid");
    private final AtomicLong clock = new AtomicLong();
    private final IssuerKeys keys = new IssuerKeys(issuer.url(), 1, clock::get);
    private final JwtDecoder decoder = TokenDecoder.of(keys, settings.issuer(), settings.audience());
    private final Tokens tokens = new Tokens(settings, null, new TomcatServerProperties());

    @AfterEach
    void close() {
        issuer.close();
    }

    @Test
    void keysAreFetchedOnceForManyTokens() {
        for (int i = 0; i < 20; i++) {
            decoder.decode(good());
        }

        assertThat(issuer.fetches()).isEqualTo(1);
    }

    @Test
    void aRotatedKeyIsAcceptedAndTheOldOneIsRefused() {
        String old = good();
        decoder.decode(old);
        issuer.rotate(Issuer.newKey("two"));

        assertThat(decoder.decode(good()).getSubject()).isEqualTo("user-7");
        assertThatThrownBy(() -> decoder.decode(old)).isInstanceOf(BadJwtException.class);
    }

    @Test
    void knownKeysWorkAndUnknownOnesAreRefusedIfTheIssuerIsUnreachable() {
        String token = good();
        decoder.decode(token);
        issuer.close();

        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> decoder.decode(unknown())).isInstanceOf(BadJwtException.class);
            assertThat(decoder.decode(token).getSubject()).isEqualTo("user-7");
        }
    }

    @Test
    void keysStayValidForAnHourIfTheIssuerIsUnreachable() throws Exception {
        JWKSelector one = new JWKSelector(new JWKMatcher.Builder().keyID("one").build());
        assertThat(keys.get(one, null)).hasSize(1);
        issuer.close();

        clock.set(Duration.ofMinutes(59).toNanos());
        assertThat(keys.get(one, null)).hasSize(1);
        clock.set(Duration.ofMinutes(61).toNanos());
        assertThatThrownBy(() -> keys.get(one, null)).isInstanceOf(KeySourceException.class);
    }

    @Test
    void keysAreFetchedAgainAfterFiveMinutes() {
        String token = good();
        decoder.decode(token);
        issuer.rotate(Issuer.newKey("two"));

        clock.set(Duration.ofMinutes(4).toNanos());
        assertThat(decoder.decode(token).getSubject()).isEqualTo("user-7");
        clock.set(Duration.ofMinutes(6).toNanos());
        assertThatThrownBy(() -> decoder.decode(token)).isInstanceOf(BadJwtException.class);
    }

    @Test
    @Timeout(20)
    void knownKeysDoNotWaitForASlowIssuerAndOfUnknownOnesFewDo() throws Exception {
        String token = good();
        decoder.decode(token);
        clock.set(Duration.ofMinutes(6).toNanos()); // the keys are old, so they should be fetched again
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        issuer.answerKeys(exchange -> {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            Issuer.send(exchange, issuer.keys());
        });
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> decoder.decode(unknown()));
        asked.await();

        assertThat(decoder.decode(token).getSubject()).isEqualTo("user-7");
        unavailable(unknown());
        assertThat(waiting).isNotDone();

        answer.countDown();
        assertThatThrownBy(waiting::join).hasCauseInstanceOf(BadJwtException.class);
        assertThat(issuer.fetches()).isEqualTo(2);
    }

    @Test
    void tokensAreNotCalledInvalidIfTheKeysWereNeverFetched() {
        String token = good();
        issuer.answerKeys(exchange -> exchange.sendResponseHeaders(500, -1));

        for (int i = 0; i < 5; i++) {
            unavailable(token);
        }
        assertThat(issuer.fetches()).isLessThanOrEqualTo(2);
    }

    @Test
    void anIssuerThatRecoversIsAskedAgain() {
        issuer.answerKeys(exchange -> exchange.sendResponseHeaders(500, -1));
        unavailable(good());
        issuer.rotate(Issuer.newKey("two"));

        assertThat(decoder.decode(good()).getSubject()).isEqualTo("user-7");
    }

    @Test
    @Timeout(20)
    void aSlowAnswerIsGivenUp() {
        CountDownLatch end = new CountDownLatch(1);
        issuer.answerKeys(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                while (!end.await(100, TimeUnit.MILLISECONDS)) {
                    body.write(' ');
                    body.flush();
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });

        long start = System.nanoTime();
        unavailable(good());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        end.countDown();
    }

    @Test
    void aLargeAnswerIsRefused() {
        issuer.answerKeys(exchange -> {
            byte[] blanks = " ".repeat(2 << 20).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(blanks);
                body.write(issuer.keys().getBytes(StandardCharsets.UTF_8));
            }
        });

        unavailable(good());
    }

    @Test
    void anIssuerThatIsUnreachableSinceTheStartIsUnavailable() {
        String token = good();
        issuer.close();

        assertThat(refusal(token).code()).isEqualTo("issuer_unavailable");
        assertThat(refusal(token).status().value()).isEqualTo(503);
    }

    @Test
    void anAlgorithmThatTheKeyCannotHaveIsAnInvalidToken() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("curve").generate();
        issuer.answerKeys(exchange -> Issuer.send(exchange, new JWKSet(key.toPublicJWK()).toString()));
        String header =
                Base64URL.encode("{\"alg\":\"ES384\",\"kid\":\"curve\"}").toString();
        String[] parts = good().split("\\.");

        assertThat(refusal(header + "." + parts[1] + "." + parts[2]).code()).isEqualTo("invalid_token");
    }

    @Test
    void aKeyOfAnotherTypeIsAcceptedAfterRotation() throws Exception {
        decoder.decode(good());
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("curve").generate();
        issuer.answerKeys(exchange -> Issuer.send(exchange, new JWKSet(key.toPublicJWK()).toString()));
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("curve").build(),
                issuer.good().build());
        token.sign(new ECDSASigner(key));

        assertThat(decoder.decode(token.serialize()).getSubject()).isEqualTo("user-7");
    }

    private Problem refusal(String token) {
        return tokens.read(token, null).refusal();
    }

    private String good() {
        return issuer.sign(issuer.good().build());
    }

    private String unknown() {
        return Issuer.sign(issuer.good().build(), UNKNOWN);
    }

    private void unavailable(String token) {
        assertThatThrownBy(() -> decoder.decode(token))
                .isInstanceOf(JwtException.class)
                .isNotInstanceOf(BadJwtException.class);
    }
}
