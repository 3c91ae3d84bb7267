package dev.anneal.dataset.validation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A request that creates a dataset, as it is kept until the dataset is validated.
 *
 * @param fields the plain fields of an upload
 * @param files those of an upload
 * @param version says of what the rows are made, null for an upload
 */
public record Received(
        Map<String, String> fields,
        List<File> files,
        @Nullable Version version) {
    /**
     * A file.
     *
     * @param split the split of all its rows, null if the request names none
     */
    public record File(String name, @Nullable String split, long sizeBytes) {}

    /**
     * A version of a dataset.
     *
     * @param parent the id of the dataset
     * @param steps with the ids of other datasets
     */
    public record Version(String parent, JsonNode steps) {}

    public Received(Map<String, String> fields, List<File> files) {
        this(fields, files, null);
    }

    /** Creates the request for a version. */
    public Received(Version version) {
        this(Map.of(), List.of(), version);
    }

    /** Returns whether the request names a source of the files. */
    public boolean hasSource() {
        return !fields.getOrDefault("source", "").isEmpty();
    }

    /** Returns whether the files must be fetched from their source first. */
    public boolean isUnfetched() {
        return hasSource() && files.isEmpty();
    }

    /** Returns the same request, whose files must be fetched again. */
    Received unfetched() {
        return new Received(fields, List.of());
    }

    /** Returns the size of the files, or null if there are none. */
    @Nullable
    Long totalBytes() {
        return version == null ? sizeBytes() : null;
    }

    public long sizeBytes() {
        return files.stream().mapToLong(File::sizeBytes).sum();
    }
}
