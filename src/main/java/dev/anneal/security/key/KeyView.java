package dev.anneal.security.key;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anneal.security.Role;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A key in an answer. It has its secret only in the answer that creates it. */
record KeyView(
        String id,
        String name,
        Role role,
        @Nullable String project,
        String prefix,
        String lastFour,
        @Nullable String createdBy,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String secret) {

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
