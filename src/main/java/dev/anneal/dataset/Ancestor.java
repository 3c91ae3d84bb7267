package dev.anneal.dataset;

import dev.anneal.dataset.version.Change;
import java.time.Instant;
import java.util.List;

/**
 * A dataset in a lineage. It is kept with each version, so that it outlives the dataset.
 *
 * @param changes how it was made of the next one. Empty for an upload
 */
record Ancestor(
        String id,
        String name,
        String format,
        long rowCount,
        long sizeBytes,
        String sha256,
        List<Change> changes,
        Instant createdAt) {}
