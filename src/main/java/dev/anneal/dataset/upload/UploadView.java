package dev.anneal.dataset.upload;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An upload on the wire. The offset is null if the parts are on another server. */
record UploadView(
        String id,
        String name,
        long sizeBytes,
        @Nullable Long offsetBytes,
        Map<String, String> metadata,
        Instant createdAt,
        Instant expiresAt) {
    static UploadView of(Upload upload, @Nullable Long offset) {
        return new UploadView(
                upload.id(),
                upload.name(),
                upload.sizeBytes(),
                offset,
                UploadMetadata.parse(upload.metadata()),
                upload.createdAt(),
                upload.expiresAt());
    }
}
