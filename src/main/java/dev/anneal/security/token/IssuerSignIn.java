package dev.anneal.security.token;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.anneal.text.Sha256;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * The sign-in of a person at the issuer: OpenID Connect's authorization code flow with PKCE. A random secret, which only the browser
 * keeps meanwhile, gives the state, the nonce and the verifier, so the server stores nothing until the person is back. Only a tenth of
 * the threads wait for the issuer at a time.
 */
@Component
public class IssuerSignIn {
    /** The code of the problem that the issuer refused a code. */
    public static final String REFUSED = "sign_in_refused";

    private static final Logger log = LoggerFactory.getLogger(IssuerSignIn.class);

    private final OidcSettings settings;
    private final Tokens tokens;
    private final IssuerMetadata metadata;
    private final Semaphore calls;

    IssuerSignIn(OidcSettings settings, Tokens tokens, TomcatServerProperties tomcat) {
        this.settings = settings;
        this.tokens = tokens;
        this.metadata = new IssuerMetadata(settings.issuer(), Duration.ofMinutes(5));
        this.calls = new Semaphore(Math.max(1, tomcat.getThreads().getMax() / 10));
    }

    /** Returns whether people can sign in at the issuer. */
    public boolean isOffered() {
        return settings.isConfigured() && !settings.clientId().isBlank();
    }

    /** Returns the host of the issuer. */
    public String host() {
        return URI.create(settings.issuer()).getHost();
    }

    /**
     * Returns the address of the issuer's page.
     *
     * @param back the address to which the issuer sends the browser
     */
    public String begin(String secret, String back) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", settings.clientId());
        query.put("redirect_uri", back);
        query.put("scope", settings.scope());
        query.put("state", state(secret));
        query.put("nonce", nonce(secret));
        query.put("code_challenge", challenge(verifier(secret)));
        query.put("code_challenge_method", "S256");
        String page = limited(() -> address("authorization_endpoint"));
        return page + (page.contains("?") ? "&" : "?") + IssuerCalls.query(query);
    }

    /** Returns whether a state is that of the secret. */
    public static boolean isOf(String secret, String state) {
        return MessageDigest.isEqual(state(secret).getBytes(UTF_8), state.getBytes(UTF_8));
    }

    /** Returns whom the issuer names for the code that the browser brought back. Throws a problem if it does not belong to the secret. */
    public Identity finish(String secret, String code, String back) {
        return limited(() -> tokens.idToken(idToken(secret, code, back), nonce(secret)));
    }

    private <T> T limited(Supplier<T> call) {
        if (!calls.tryAcquire()) {
            throw new Problem(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "issuer_unavailable",
                    "Too many sign-ins wait for the issuer. Try again in a moment, or sign in with a key.");
        }
        try {
            return call.get();
        } finally {
            calls.release();
        }
    }

    private String address(String name) {
        try {
            return metadata.address(name);
        } catch (IOException | ParseException | RuntimeException e) {
            throw unavailable(e);
        }
    }

    private String idToken(String secret, String code, String back) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", back);
        form.put("code_verifier", verifier(secret));
        String authorization = null;
        if (settings.clientSecret().isBlank()) {
            form.put("client_id", settings.clientId());
        } else {
            String pair = IssuerCalls.encoded(settings.clientId()) + ":" + IssuerCalls.encoded(settings.clientSecret());
            authorization = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
        }
        String endpoint = address("token_endpoint");
        try {
            Map<String, Object> answer = JSONObjectUtils.parse(IssuerCalls.post(endpoint, form, authorization));
            if (!(answer.get("id_token") instanceof String token)) {
                throw new IOException(endpoint + " answered without an id_token");
            }
            return token;
        } catch (IssuerCalls.RefusedException e) {
            log.warn("the issuer {} refused a sign-in: {}", settings.issuer(), e.toString());
            throw new Problem(
                    HttpStatus.FORBIDDEN,
                    REFUSED,
                    "The issuer refused the sign-in. Try again, or sign in with a key. The server's log has the reason.");
        } catch (IOException | ParseException | RuntimeException e) {
            throw unavailable(e);
        }
    }

    private static String state(String secret) {
        return Sha256.of("state " + secret);
    }

    private static String nonce(String secret) {
        return Sha256.of("nonce " + secret);
    }

    private static String verifier(String secret) {
        return Sha256.of("verifier " + secret);
    }

    private static String challenge(String verifier) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Sha256.digest().digest(verifier.getBytes(US_ASCII)));
    }

    private Problem unavailable(Exception e) {
        log.error("cannot sign a person in at the issuer {}: {}", settings.issuer(), e.toString());
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "issuer_unavailable",
                "The issuer is unavailable. Try again, or sign in with a key. The server's log has the reason.");
    }
}
