package dev.anneal.dataset.validation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that creates a dataset, as it is kept until the dataset is validated: its plain fields, and its files. */
public record Received(Map<String, String> fields, List<File> files) {
    /**
     * A file.
     *
     * @param split the split of all its rows, null if the request names none
     */
    public record File(String name, @Nullable String split, long sizeBytes) {}

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

    public long sizeBytes() {
        return files.stream().mapToLong(File::sizeBytes).sum();
    }
}
