package dev.anneal.security;

import java.time.Instant;

/** One change that was asked for: who, what, when, from where, and how it was answered; null where it is not yet, or never was. No bodies, no secrets. */
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
