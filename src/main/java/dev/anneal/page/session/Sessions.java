package dev.anneal.page.session;

import dev.anneal.json.Json;
import dev.anneal.role.ForRole;
import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.LiveSessions;
import dev.anneal.security.ProjectNames;
import dev.anneal.security.filter.FailedAuthLimiter;
import dev.anneal.security.key.ApiKeyAuthenticator;
import dev.anneal.security.token.Identity;
import dev.anneal.security.token.Tokens;
import dev.anneal.text.Sha256;
import java.security.SecureRandom;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The sessions of the page, in the database: they outlive a restart, and each server of several knows them. Neither a key nor the
 * secret of a cookie is stored.
 */
@Component
@ForRole("api")
public class Sessions implements LiveSessions {
    private static final int MOST = 50;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String LIVE = "last_used_at > now() - make_interval(secs => :idle) and created_at > now() - "
            + "make_interval(secs => case when key_id is null then least(:longest, :byIssuer) else :longest end)";

    private record Found(
            @Nullable String keyId,
            @Nullable String identity,
            @Nullable String project,
            OffsetDateTime createdAt,
            boolean stale) {}

    private final JdbcClient jdbc;
    private final ApiKeyAuthenticator keys;
    private final Tokens tokens;
    private final ProjectNames projects;
    private final FailedAuthLimiter failures;
    private final SessionSettings settings;

    Sessions(
            JdbcClient jdbc,
            ApiKeyAuthenticator keys,
            Tokens tokens,
            ProjectNames projects,
            FailedAuthLimiter failures,
            SessionSettings settings) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.tokens = tokens;
        this.projects = projects;
        this.failures = failures;
        this.settings = settings;
    }

    /** Returns 256 random bits. */
    public static String newSecret() {
        byte[] random = new byte[32];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Begins a session with a key and returns its secret, which nobody knew before. */
    public String begin(String keyId) {
        return begin("key_id", keyId);
    }

    /** Begins a session of somebody whom the issuer named. Throws a problem if the person has no project or no role here. */
    public String begin(Identity who) {
        AuthenticationResult caller = caller(who, projects.existing(who.projects()), null, OffsetDateTime.now());
        if (caller.refusal() != null) {
            throw caller.refusal();
        }
        return begin("identity", Json.write(who));
    }

    /** Begins a session. If the key or person has too many, those that were not used for the longest time end. */
    private String begin(String column, String who) {
        String secret = newSecret();
        jdbc.sql("""
                        delete from page_sessions where sha256 in (
                            select sha256 from page_sessions where %s = ? order by last_used_at desc offset ?)""".formatted(column)).params(who, MOST - 1).update();
        jdbc.sql("insert into page_sessions (sha256, %s) values (?, ?)".formatted(column))
                .params(Sha256.of(secret), who)
                .update();
        failures.succeeded(secret); // wrong cookies from the same address do not block it
        return secret;
    }

    /** Returns the caller in the chosen project, or else in the first one that exists. */
    private AuthenticationResult caller(
            Identity who, List<String> existing, @Nullable String project, OffsetDateTime begun) {
        String works = Stream.of(Stream.ofNullable(project), existing.stream(), who.projects().stream())
                .flatMap(several -> several)
                .findFirst()
                .orElse(null);
        return tokens.caller(who, works, begun.toInstant().plus(settings.byIssuer()));
    }

    /**
     * Finds a session that has not ended and whose key is valid.
     *
     * @param isUse false for a request that the page makes by itself, which does not keep the session alive
     */
    Optional<Session> find(String secret, boolean isUse) {
        Optional<Found> found = live(jdbc.sql(
                        "select key_id, identity, project, created_at, last_used_at < now() - interval '10 seconds' as stale from page_sessions"
                                + " where sha256 = :sha256 and " + LIVE))
                .param("sha256", Sha256.of(secret))
                .query(Found.class)
                .optional();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        if (isUse && found.get().stale()) {
            jdbc.sql("update page_sessions set last_used_at = now() where sha256 = ?")
                    .param(Sha256.of(secret))
                    .update();
        }
        Session session = session(secret, found.get());
        return session.who().caller() == null ? Optional.empty() : Optional.of(session);
    }

    @Override
    public Set<String> live(Collection<String> sessions) {
        return live(jdbc.sql("select sha256 from page_sessions where sha256 = any(:sessions) and " + LIVE))
                .param("sessions", sessions.toArray(String[]::new))
                .query(String.class)
                .set();
    }

    private Session session(String secret, Found found) {
        if (found.keyId() != null) {
            return new Session(secret, in(secret, keys.readById(found.keyId(), found.project())), List.of());
        }
        Identity identity = Json.MAPPER.readValue(Objects.requireNonNull(found.identity()), Identity.class);
        List<String> existing = projects.existing(identity.projects());
        AuthenticationResult who = caller(identity, existing, found.project(), found.createdAt());
        return new Session(secret, in(secret, who), existing);
    }

    private static AuthenticationResult in(String secret, AuthenticationResult who) {
        return who.caller() == null ? who : AuthenticationResult.by(who.caller().in(Sha256.of(secret)));
    }

    private JdbcClient.StatementSpec live(JdbcClient.StatementSpec statement) {
        return statement
                .param("idle", settings.idle().toSeconds())
                .param("longest", settings.longest().toSeconds())
                .param("byIssuer", settings.byIssuer().toSeconds());
    }

    /** Chooses the project in which the caller of a session works, who may work in several. */
    public void choose(String secret, String project) {
        jdbc.sql("update page_sessions set project = ? where sha256 = ?")
                .params(project, Sha256.of(secret))
                .update();
    }

    public void end(String secret) {
        endBySha256(Sha256.of(secret));
    }

    public void endBySha256(String sha256) {
        jdbc.sql("delete from page_sessions where sha256 = ?").param(sha256).update();
    }

    @Scheduled(fixedDelay = 600_000)
    void removeEnded() {
        live(jdbc.sql("delete from page_sessions where not (" + LIVE + ")")).update();
    }
}
