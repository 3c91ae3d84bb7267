package dev.anneal.security;

import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds callers whose keys, tokens or sessions have been revoked, have expired or have ended since they were accepted. */
@Component
public class CredentialStatus {
    private final JdbcClient jdbc;
    private final Optional<LiveSessions> sessions;

    /** @param sessions nothing in a process without the page */
    CredentialStatus(JdbcClient jdbc, Optional<LiveSessions> sessions) {
        this.jdbc = jdbc;
        this.sessions = sessions;
    }

    /** Returns the callers that would be refused now. */
    public Set<Caller> revokedOrExpired(Collection<Caller> callers) {
        Set<String> keys = new HashSet<>(jdbc.sql("""
                        select id from api_keys
                        where id = any(:ids) and (revoked_at is not null or expires_at <= now())""")
                .param("ids", callers.stream().map(Caller::subject).toArray(String[]::new))
                .query(String.class)
                .list());
        Set<String> ended = ended(callers);
        Instant now = Instant.now();
        return callers.stream()
                .filter(caller -> keys.contains(caller.subject())
                        || caller.until() != null && caller.until().isBefore(now)
                        || ended.contains(caller.session()))
                .collect(Collectors.toSet());
    }

    private Set<String> ended(Collection<Caller> callers) {
        Set<String> all =
                callers.stream().map(Caller::session).filter(Objects::nonNull).collect(Collectors.toSet());
        if (sessions.isPresent() && !all.isEmpty()) {
            all.removeAll(sessions.get().live(all));
        }
        return all;
    }
}
