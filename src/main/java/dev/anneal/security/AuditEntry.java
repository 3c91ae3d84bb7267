package dev.anneal.security;

import java.time.Instant;

/**
 * One requested change: who, what, when, from where, and the status of the answer. The status is null while there is no answer.
 * Bodies and secrets are not logged.
 */
record AuditEntry(
        String id,
        Instant createdAt,
        String actor,
        String actorName,
        String project,
        String operation,
        String resource,
        Integer status,
        String address,
        String userAgent) {}
