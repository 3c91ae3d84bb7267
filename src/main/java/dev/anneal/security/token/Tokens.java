package dev.anneal.security.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Caller;
import dev.anneal.security.ProjectNames;
import dev.anneal.security.Role;
import dev.anneal.web.Problem;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.stereotype.Component;

/** Reads the tokens of an OpenID issuer. Each works in one project. The server's admin has a key, never a token. */
@Component
public class Tokens {
    private static final Logger log = LoggerFactory.getLogger(Tokens.class);
    private static final Map<String, String> SENTENCES = Map.of(
            "token_expired", "The token has expired or has no expiry time.",
            "token_not_yet_valid", "The token is not valid yet.",
            "wrong_issuer", "The token was issued by an issuer that this server does not trust.",
            "wrong_audience", "The token was issued for another service (claim 'aud').",
            "wrong_nonce", "The token was issued for another sign-in (claim 'nonce').");

    private final OidcSettings settings;
    private final ProjectNames projects;
    private final JwtDecoder decoder;
    private final JwtDecoder idTokens;

    Tokens(OidcSettings settings, ProjectNames projects, TomcatServerProperties tomcat) {
        this.settings = settings;
        this.projects = projects;
        int waiting = Math.max(1, tomcat.getThreads().getMax() / 4);
        JWKSource<SecurityContext> keys = new IssuerKeys(settings.issuer(), waiting, System::nanoTime);
        this.decoder = TokenDecoder.of(keys, settings.issuer(), settings.audience());
        this.idTokens = TokenDecoder.of(keys, settings.issuer(), settings.clientId());
        if (settings.isConfigured() && settings.audience() == null) {
            log.warn("tokens of {} are accepted for any audience. Set anneal.oidc.audience.", settings.issuer());
        }
    }

    /** Returns whether the secret has the three parts of a JWT; keys have no dots. */
    public boolean isToken(String secret) {
        return settings.isConfigured() && secret.chars().filter(c -> c == '.').count() == 2;
    }

    /** Returns who calls with the token. {@code project} is the one that the request names, if any. */
    public AuthenticationResult read(String token, @Nullable String project) {
        try {
            Jwt jwt = decode(decoder, token);
            return caller(identity(jwt), project, jwt.getExpiresAt());
        } catch (Problem invalid) {
            return AuthenticationResult.refused(invalid);
        }
    }

    /** Returns whom a token names that the issuer made for a sign-in on the page. Throws a problem if it is not valid. */
    Identity idToken(String token, String nonce) {
        Jwt jwt = decode(idTokens, token);
        String party = jwt.getClaimAsString("azp");
        if (party != null && !party.equals(settings.clientId())) {
            throw invalid("wrong_audience");
        }
        if (!nonce.equals(jwt.getClaimAsString("nonce"))) {
            throw invalid("wrong_nonce");
        }
        return identity(jwt);
    }

    private static Jwt decode(JwtDecoder decoder, String token) {
        try {
            return decoder.decode(token);
        } catch (JwtValidationException invalid) {
            throw invalid(invalid.getErrors().iterator().next().getErrorCode());
        } catch (JwtException failed) {
            if (!(failed.getCause() instanceof KeySourceException)) {
                throw unauthorized("invalid_token", "The token is not signed with a key that the issuer publishes.");
            }
            throw new Problem(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "issuer_unavailable",
                    "The token issuer is unavailable, so the token cannot be checked. Try again later, or use a key.");
        }
    }

    private Identity identity(Jwt jwt) {
        String subject = jwt.getSubject();
        if (subject == null || subject.isBlank() || subject.length() > 255) {
            throw unauthorized("invalid_token", "The token has no subject, or one that is too long.");
        }
        if (subject.matches("key_[0-9A-Z]{26}") || subject.indexOf('\0') >= 0) {
            throw unauthorized("invalid_token", "The token's subject is not valid.");
        }
        String name = Stream.of("preferred_username", "email", "name")
                .map(claim -> claim(jwt, claim))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .findFirst()
                .orElse(subject);
        return new Identity(
                subject, name, values(claim(jwt, settings.projectClaim())), values(claim(jwt, settings.roleClaim())));
    }

    /**
     * Returns the caller that somebody is in a project.
     *
     * @param project the one that the request names, if any
     * @param until when the token or the session ends
     */
    public AuthenticationResult caller(Identity who, @Nullable String project, @Nullable Instant until) {
        List<String> own = who.projects();
        Optional<Role> role = who.roles().stream()
                .flatMap(value -> Stream.ofNullable(role(value)))
                .max(Comparator.naturalOrder());
        String works = project != null ? project : own.size() == 1 ? own.get(0) : null;
        Problem refusal;
        if (own.isEmpty()) {
            refusal = forbidden("no_project", "The token has no project (claim '" + settings.projectClaim() + "').");
        } else if (works == null) {
            refusal = forbidden(
                    "no_project", "The token has several projects. Choose one with the header 'Anneal-Project'.");
        } else if (!own.contains(works) || !projects.exists(works)) {
            refusal = Problem.notFound("project", works);
        } else if (role.isEmpty()) {
            refusal = forbidden(
                    "no_role", "The token has no role on this server (claim '" + settings.roleClaim() + "').");
        } else {
            return AuthenticationResult.by(new Caller(who.subject(), who.name(), works, role.get(), false, until));
        }
        return AuthenticationResult.refused(refusal, who.subject(), who.name(), own.size() == 1 ? own.get(0) : null);
    }

    private @Nullable Role role(String value) {
        if (!settings.roles().isEmpty()) {
            return settings.roles().get(value);
        }
        return Stream.of(Role.values())
                .filter(role -> role.name().equals(value))
                .findFirst()
                .orElse(null);
    }

    /** Returns a claim by its name or, if there is none, by a path of names separated by dots. */
    private static @Nullable Object claim(Jwt jwt, String name) {
        Object value = jwt.getClaim(name);
        if (value == null && name.contains(".")) {
            value = jwt.getClaims();
            for (String part : name.split("\\.")) {
                value = value instanceof Map<?, ?> map ? map.get(part) : null;
            }
        }
        return value;
    }

    private static List<String> values(@Nullable Object claim) {
        if (claim instanceof Collection<?> several) {
            return several.stream().map(String::valueOf).distinct().toList();
        }
        return claim instanceof String one && !one.isBlank() ? List.of(one) : List.of();
    }

    private static Problem invalid(String code) {
        return unauthorized(code, SENTENCES.getOrDefault(code, "The token is not valid."));
    }

    private static Problem unauthorized(String code, String sentence) {
        return new Problem(HttpStatus.UNAUTHORIZED, code, sentence);
    }

    private static Problem forbidden(String code, String sentence) {
        return new Problem(HttpStatus.FORBIDDEN, code, sentence);
    }
}
