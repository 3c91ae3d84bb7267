package dev.anneal.security.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One requested change: who, what, when, from where, and the status of the answer. The status is absent while there is no answer.
 * Bodies and secrets are not logged.
 */
record AuditEntry(
        String id,
        Instant createdAt,
        @Nullable String actor,
        @Nullable String actorName,
        @Nullable String project,
        String operation,
        @Nullable String resource,
        @Nullable Integer status,
        String address,
        @Nullable String userAgent) {}
