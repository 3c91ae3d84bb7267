package dev.anneal.security;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/** A key in an answer. It has its secret only in the answer that creates it. */
record KeyView(
        String id,
        String name,
        Role role,
        String project,
        String prefix,
        String lastFour,
        String createdBy,
        Instant createdAt,
        Instant expiresAt,
        Instant revokedAt,
        Instant lastUsedAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) String secret) {

    KeyView with(String shownOnce) {
        return new KeyView(
                id,
                name,
                role,
                project,
                prefix,
                lastFour,
                createdBy,
                createdAt,
                expiresAt,
                revokedAt,
                lastUsedAt,
                shownOnce);
    }
}
