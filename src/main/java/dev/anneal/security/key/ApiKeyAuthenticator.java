package dev.anneal.security.key;

import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.Caller;
import dev.anneal.security.ProjectNames;
import dev.anneal.security.Role;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import dev.anneal.web.Problem;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The keys of the API, stored as SHA-256 (they are random, so a fast hash is safe). */
@Component
public class ApiKeyAuthenticator {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SELECT = """
            select id, name, role, project, coalesce(expires_at <= now(), false) as expired,
                   revoked_at is not null as revoked,
                   coalesce(last_used_at < now() - interval '1 minute', true) as stale
            from api_keys""";

    private record Found(
            String id,
            String name,
            Role role,
            @Nullable String project,
            boolean expired,
            boolean revoked,
            boolean stale) {}

    private final JdbcClient jdbc;
    private final ProjectNames projects;

    ApiKeyAuthenticator(JdbcClient jdbc, ProjectNames projects) {
        this.jdbc = jdbc;
        this.projects = projects;
    }

    /** Returns 256 random bits after a prefix that scanners for leaked secrets recognise. */
    static String newSecret() {
        byte[] random = new byte[32];
        RANDOM.nextBytes(random);
        return "ann_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Returns the id of the new key. A key that exists already is not changed. */
    String add(String secret, NewKey key, @Nullable String createdBy) {
        String id = Ids.next("key");
        jdbc.sql("""
                        insert into api_keys (id, name, sha256, role, project, prefix, last_four, created_by, expires_at)
                        values (:id, :name, :sha256, :role, :project, :prefix, :lastFour, :createdBy, :expiresAt)
                        on conflict (sha256) do nothing""")
                .param("id", id)
                .param("name", key.name())
                .param("sha256", Sha256.of(secret))
                .param("role", key.role().name())
                .param("project", key.project())
                .param("prefix", secret.substring(0, Math.min(8, secret.length() / 4)))
                .param("lastFour", secret.substring(Math.max(0, secret.length() - Math.min(4, secret.length() / 4))))
                .param("createdBy", createdBy)
                .param("expiresAt", key.expiresAt() == null ? null : Timestamp.from(key.expiresAt()))
                .update();
        return id;
    }

    /** Returns who calls with the key. {@code project} is the one that the request names, if any. */
    public AuthenticationResult read(String secret, @Nullable String project) {
        return read(jdbc.sql(SELECT + " where sha256 = ?").param(Sha256.of(secret)), project);
    }

    /** Returns who works in a session that was begun with the key of an id. */
    public AuthenticationResult readById(String id, @Nullable String project) {
        return read(jdbc.sql(SELECT + " where id = ?").param(id), project);
    }

    private AuthenticationResult read(JdbcClient.StatementSpec one, @Nullable String project) {
        Optional<Found> found = one.query(Found.class).optional();
        if (found.isEmpty()) {
            return AuthenticationResult.unknownKey();
        }
        Found key = found.get();
        if (key.revoked() || key.expired()) {
            return refuse(
                    key,
                    new Problem(
                            HttpStatus.UNAUTHORIZED,
                            key.revoked() ? "key_revoked" : "key_expired",
                            key.revoked()
                                    ? "The key was revoked."
                                    : "The key has expired. Ask an admin for a new one."));
        }
        String own = key.project();
        if (project != null && !(own == null ? projects.exists(project) : own.equals(project))) {
            return refuse(key, Problem.notFound("project", project));
        }
        if (key.stale()) { // one write per minute instead of one per request
            jdbc.sql("update api_keys set last_used_at = now() where id = ?")
                    .param(key.id())
                    .update();
        }
        String works = own != null ? own : project != null ? project : Caller.DEFAULT_PROJECT;
        return AuthenticationResult.by(new Caller(key.id(), key.name(), works, key.role(), own == null, null));
    }

    private static AuthenticationResult refuse(Found key, Problem refusal) {
        return AuthenticationResult.refused(refusal, key.id(), key.name(), key.project());
    }
}
