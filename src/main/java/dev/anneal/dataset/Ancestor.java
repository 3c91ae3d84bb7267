package dev.anneal.dataset;

import dev.anneal.dataset.version.Change;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dataset in a lineage. It is kept with each version, so that it outlives the dataset. Its format and its hash are null until its
 * files are validated.
 *
 * @param source where its files were fetched from, as in the dataset. Null for an upload, a version, and in lineages of older datasets
 * @param changes how it was made of the next one. Empty for an upload
 */
record Ancestor(
        String id,
        String name,
        @Nullable String format,
        long rowCount,
        long sizeBytes,
        @Nullable String sha256,
        @Nullable String source,
        @Nullable String revision,
        List<Change> changes,
        Instant createdAt) {}
