package dev.anneal.dataset;

import dev.anneal.dataset.version.Change;
import dev.anneal.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * A dataset in a lineage. It is kept with each version, so that it outlives the dataset. Its format and its hash are null until its
 * files are validated.
 *
 * @param source where its files were fetched from, as in the dataset. Null for an upload, a version, and in lineages of older datasets
 * @param changes how it was made of the next one. Empty for an upload
 */
public record Ancestor(
        String id,
        String name,
        @Nullable String format,
        long rowCount,
        long sizeBytes,
        @Nullable String sha256,
        @Nullable String source,
        @Nullable String revision,
        List<Change> changes,
        Instant createdAt) {
    private static final TypeReference<List<Ancestor>> LIST = new TypeReference<>() {};

    /** Returns a dataset of a project, and those that it was made of, up to the upload. */
    public static List<Ancestor> lineage(Dataset dataset, String project, Datasets datasets) {
        List<Ancestor> before =
                Json.MAPPER.readValue(datasets.lineage(dataset.getId(), project).orElse("[]"), LIST);
        return Stream.concat(Stream.of(dataset.asAncestor()), before.stream()).toList();
    }
}
