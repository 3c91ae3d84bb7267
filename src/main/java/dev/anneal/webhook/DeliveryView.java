package dev.anneal.webhook;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A message to a webhook and its status. {@code error} says why the last attempt failed. */
record DeliveryView(
        String id,
        String type,
        String job,
        String status,
        int attempts,
        @Nullable Integer responseStatus,
        @Nullable String error,
        @Nullable Instant nextAttemptAt,
        Instant createdAt,
        @Nullable Instant finishedAt) {}
