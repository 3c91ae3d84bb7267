package dev.anneal.dataset.upload;

import java.time.Instant;

/**
 * A file that arrives in parts.
 *
 * @param name of the file
 * @param sizeBytes as announced
 * @param metadata as the client sent it
 */
public record Upload(
        String id, String project, String name, long sizeBytes, String metadata, Instant createdAt, Instant expiresAt) {
    boolean hasExpired() {
        return expiresAt.isBefore(Instant.now());
    }
}
