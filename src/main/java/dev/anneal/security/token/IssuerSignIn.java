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
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * The sign-in of a person at the issuer: OpenID Connect's authorization code flow with PKCE. A random secret, which only the browser
 * keeps meanwhile, gives the state, the nonce and the verifier, so the server stores nothing until the person is back.
 */
@Component
public class IssuerSignIn {
    private static final Logger log = LoggerFactory.getLogger(IssuerSignIn.class);

    private final OidcSettings settings;
    private final Tokens tokens;
    private volatile @Nullable Metadata known;

    private record Metadata(Map<String, Object> fields, Instant until) {}

    IssuerSignIn(OidcSettings settings, Tokens tokens) {
        this.settings = settings;
        this.tokens = tokens;
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
        try {
            String page = IssuerCalls.address(metadata(), "authorization_endpoint");
            return page + (page.contains("?") ? "&" : "?") + IssuerCalls.query(query);
        } catch (IOException | ParseException | RuntimeException e) {
            throw unavailable(e);
        }
    }

    /** Returns whom the issuer names for the code that the browser brought back. Throws a problem if it does not belong to the secret. */
    public Identity finish(@Nullable String secret, @Nullable String state, @Nullable String code, String back) {
        if (secret == null || state == null || code == null || !isEqual(state, state(secret))) {
            throw new Problem(
                    HttpStatus.FORBIDDEN,
                    "sign_in_expired",
                    "The answer of the issuer belongs to no sign-in of this browser, or cookies are blocked. Sign in again.");
        }
        return tokens.idToken(idToken(secret, code, back), nonce(secret));
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
        try {
            String endpoint = IssuerCalls.address(metadata(), "token_endpoint");
            Map<String, Object> answer = JSONObjectUtils.parse(IssuerCalls.post(endpoint, form, authorization));
            if (!(answer.get("id_token") instanceof String token)) {
                throw new IOException(endpoint + " answered without an id_token");
            }
            return token;
        } catch (IOException | ParseException | RuntimeException e) {
            throw unavailable(e);
        }
    }

    /** Returns what the issuer says about itself, asked for at most every five minutes. */
    private Map<String, Object> metadata() throws IOException, ParseException {
        Metadata last = known;
        if (last == null || last.until().isBefore(Instant.now())) {
            last = new Metadata(
                    IssuerCalls.metadata(settings.issuer()), Instant.now().plusSeconds(300));
            known = last;
        }
        return last.fields();
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

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(UTF_8), other.getBytes(UTF_8));
    }

    private Problem unavailable(Exception e) {
        log.error("cannot sign a person in at the issuer {}: {}", settings.issuer(), e.toString());
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "issuer_unavailable",
                "The issuer is unavailable or refused the sign-in. Try again, or sign in with a key. The server's log has the reason.");
    }
}
