package dev.anneal.security.token;

import com.nimbusds.jose.KeySourceException;
import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Caller;
import dev.anneal.security.ProjectNames;
import dev.anneal.security.Role;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
            "wrong_audience", "The token was issued for another service (claim 'aud').");

    private final OidcSettings settings;
    private final ProjectNames projects;
    private final JwtDecoder decoder;

    Tokens(OidcSettings settings, ProjectNames projects) {
        this.settings = settings;
        this.projects = projects;
        this.decoder = TokenDecoder.of(settings);
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
            return read(decoder.decode(token), project);
        } catch (JwtValidationException invalid) {
            String code = invalid.getErrors().iterator().next().getErrorCode();
            return refuse(code, SENTENCES.getOrDefault(code, "The token is not valid."));
        } catch (JwtException failed) {
            if (!(failed.getCause() instanceof KeySourceException)) {
                return refuse("invalid_token", "The token is not signed with a key that the issuer publishes.");
            }
            return AuthenticationResult.refused(new Problem(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "issuer_unavailable",
                    "The token issuer is unavailable, so the token cannot be checked. Try again later, or use a key."));
        }
    }

    private AuthenticationResult read(Jwt jwt, @Nullable String project) {
        String subject = jwt.getSubject();
        if (subject == null || subject.isBlank() || subject.length() > 255) {
            return refuse("invalid_token", "The token has no subject, or one that is too long.");
        }
        if (subject.matches("key_[0-9A-Z]{26}") || subject.indexOf('\0') >= 0) {
            return refuse("invalid_token", "The token's subject is not valid.");
        }
        String name = Stream.of("preferred_username", "email", "name")
                .map(claim -> claim(jwt, claim))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .findFirst()
                .orElse(subject);
        List<String> own = values(claim(jwt, settings.projectClaim()));
        Optional<Role> role = values(claim(jwt, settings.roleClaim())).stream()
                .map(this::role)
                .filter(Objects::nonNull)
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
            return AuthenticationResult.by(new Caller(subject, name, works, role.get(), false, jwt.getExpiresAt()));
        }
        return AuthenticationResult.refused(refusal, subject, name, own.size() == 1 ? own.get(0) : null);
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

    private static AuthenticationResult refuse(String code, String sentence) {
        return AuthenticationResult.refused(new Problem(HttpStatus.UNAUTHORIZED, code, sentence));
    }

    private static Problem forbidden(String code, String sentence) {
        return new Problem(HttpStatus.FORBIDDEN, code, sentence);
    }
}
