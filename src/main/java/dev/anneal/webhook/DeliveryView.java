package dev.anneal.webhook;

import java.time.Instant;

/** A message to a webhook and its status. {@code error} says why the last attempt failed. */
record DeliveryView(
        String id,
        String type,
        String job,
        String status,
        int attempts,
        Integer responseStatus,
        String error,
        Instant nextAttemptAt,
        Instant createdAt,
        Instant finishedAt) {}
