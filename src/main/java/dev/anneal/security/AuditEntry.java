package dev.anneal.security;

import java.time.Instant;

/** One change that was asked for: who, what, when, from where, and how it was answered. No bodies, no secrets. */
record AuditEntry(
        String id,
        Instant createdAt,
        String actor,
        String actorName,
        String project,
        String operation,
        String resource,
        int status,
        String address,
        String userAgent) {}
