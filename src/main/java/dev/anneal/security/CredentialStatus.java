package dev.anneal.security;

import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds callers whose keys or tokens have been revoked or have expired since they were accepted. */
@Component
public class CredentialStatus {
    private final JdbcClient jdbc;

    CredentialStatus(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Returns the callers that would be refused now. */
    public Set<Caller> revokedOrExpired(Collection<Caller> callers) {
        Set<String> keys = new HashSet<>(jdbc.sql("""
                        select id from api_keys
                        where id = any(:ids) and (revoked_at is not null or expires_at <= now())""")
                .param("ids", callers.stream().map(Caller::subject).toArray(String[]::new))
                .query(String.class)
                .list());
        Instant now = Instant.now();
        return callers.stream()
                .filter(caller -> keys.contains(caller.subject())
                        || caller.until() != null && caller.until().isBefore(now))
                .collect(Collectors.toSet());
    }
}
