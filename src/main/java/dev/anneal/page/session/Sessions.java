package dev.anneal.page.session;

import dev.anneal.role.ForRole;
import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.key.ApiKeyAuthenticator;
import dev.anneal.text.Sha256;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
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
public class Sessions {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String LIVE =
            "last_used_at > now() - make_interval(secs => :idle) and created_at > now() - make_interval(secs => :longest)";

    private record Found(String keyId, @Nullable String project, boolean stale) {}

    private final JdbcClient jdbc;
    private final ApiKeyAuthenticator keys;
    private final long idle;
    private final long longest;

    Sessions(JdbcClient jdbc, ApiKeyAuthenticator keys, SessionSettings settings) {
        this.jdbc = jdbc;
        this.keys = keys;
        this.idle = settings.idle().toSeconds();
        this.longest = settings.longest().toSeconds();
    }

    /** Returns 256 random bits. */
    public static String newSecret() {
        byte[] random = new byte[32];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Begins a session and returns its secret, which nobody knew before. */
    public String begin(String keyId) {
        String secret = newSecret();
        jdbc.sql("insert into page_sessions (sha256, key_id) values (?, ?)")
                .params(Sha256.of(secret), keyId)
                .update();
        return secret;
    }

    /**
     * Finds a session that has not ended and whose key is valid.
     *
     * @param isUse false for a request that the page makes by itself, which does not keep the session alive
     */
    Optional<Session> find(String secret, boolean isUse) {
        Optional<Found> found = jdbc.sql(
                        "select key_id, project, last_used_at < now() - interval '10 seconds' as stale from page_sessions"
                                + " where sha256 = :sha256 and " + LIVE)
                .param("sha256", Sha256.of(secret))
                .param("idle", idle)
                .param("longest", longest)
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
        AuthenticationResult who =
                keys.readById(found.get().keyId(), found.get().project());
        return who.caller() == null ? Optional.empty() : Optional.of(new Session(secret, who));
    }

    /** Chooses the project in which the server's admin works. */
    public void choose(String secret, String project) {
        jdbc.sql("update page_sessions set project = ? where sha256 = ?")
                .params(project, Sha256.of(secret))
                .update();
    }

    public void end(String secret) {
        jdbc.sql("delete from page_sessions where sha256 = ?")
                .param(Sha256.of(secret))
                .update();
    }

    @Scheduled(fixedDelay = 600_000)
    void removeEnded() {
        jdbc.sql("delete from page_sessions where not (" + LIVE + ")")
                .param("idle", idle)
                .param("longest", longest)
                .update();
    }
}
