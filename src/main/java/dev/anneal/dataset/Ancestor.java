package dev.anneal.dataset;

import dev.anneal.dataset.version.Change;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dataset in a lineage. It is kept with each version, so that it outlives the dataset. Its format and its hash are null until its
 * files are validated.
 *
 * @param changes how it was made of the next one. Empty for an upload
 */
record Ancestor(
        String id,
        String name,
        @Nullable String format,
        long rowCount,
        long sizeBytes,
        @Nullable String sha256,
        List<Change> changes,
        Instant createdAt) {}
